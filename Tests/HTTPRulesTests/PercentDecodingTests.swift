import Bytes
import HTTPRules
import Testing

@Suite struct PercentDecodingTests {
    /// Decodes `text`; a fault is told by its description.
    private func decode(_ text: String, _ options: PercentDecoding.Options) -> String {
        var sink = ByteBuffer()
        let fault = Array(text.utf8).withUnsafeBytes { bytes -> PercentFault? in
            do throws(PercentFault) {
                try PercentDecoding.decode(bytes, into: &sink, options)
                return nil
            } catch {
                return error
            }
        }
        if let fault { return fault.description }
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", "", "", ""),
        ("plain", "plain", "plain", "plain"),
        ("a+b", "a+b", "a b", "a+b"),
        ("a%2Bb+", "a+b+", "a+b ", "a+b+"),
        ("%61%2Fb", "a/b", "a/b", "a%2Fb"),
        ("%61%2fb", "a/b", "a/b", "a%2fb"),
        ("%252F", "%2F", "%2F", "%2F"),
        ("%C3%a9", "é", "é", "é"),
        ("%20", " ", " ", " "),
    ])
    func decodes(_ source: String, _ plain: String, _ query: String, _ multiSegment: String) {
        #expect(decode(source, []) == plain)
        #expect(decode(source, .plusIsSpace) == query)
        #expect(decode(source, .keepsEncodedSlash) == multiSegment)
    }

    @Test(arguments: [
        ("%", PercentFault.malformedEscape(offset: 0)),
        ("a%", .malformedEscape(offset: 1)),
        ("a%4", .malformedEscape(offset: 1)),
        ("%41%4", .malformedEscape(offset: 3)),
        ("%4g", .malformedEscape(offset: 0)),
        ("%g4", .malformedEscape(offset: 0)),
        ("%%41", .malformedEscape(offset: 0)),
        ("%+1", .malformedEscape(offset: 0)),
        ("a%00", .encodedNUL(offset: 1)),
    ])
    func refuses(_ source: String, _ fault: PercentFault) {
        #expect(decode(source, []) == fault.description)
        #expect(decode(source, [.plusIsSpace, .keepsEncodedSlash]) == fault.description)
        let found = Array(source.utf8).withUnsafeBytes { PercentDecoding.firstFault(in: $0) }
        #expect(found == fault)
    }

    @Test(arguments: ["", "a", "%41", "%41b%C3%A9+"])
    func findsNoFault(_ source: String) {
        let found = Array(source.utf8).withUnsafeBytes { PercentDecoding.firstFault(in: $0) }
        #expect(found == nil)
    }
}
