import Testing

@testable import Transcoding

@Suite
struct JSONReaderTests {
    private func check(_ text: [UInt8]) -> JSONFault? {
        text.withUnsafeBytes { bytes -> JSONFault? in
            var reader = JSONReader(bytes)
            do throws(JSONFault) {
                try reader.skipValue(depth: 0)
                try reader.finish()
                return nil
            } catch {
                return error
            }
        }
    }

    @Test(arguments: [
        "null", "true", "false", " \t\r\n0 ", "-0", "-0.0e+00", "1E5", "123456789012345678901234567890", "\"\"",
        "\"plain\"", "\"longer than eight bytes\"", #""\"\\\/\b\f\n\r\t\u0041""#, #""\ud83d\ude00""#, "\"é日😀\"", "[]",
        "{}", "[1, [2, {\"a\": []}]]", #"{"a":1,"b":{"c":[null]}}"#, "\"\u{7F}\"",
    ])
    func takesWhatIsJSON(text: String) {
        #expect(check(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("", JSONFault.unexpectedEnd), ("   ", .unexpectedEnd), ("nul", .unexpectedEnd), ("nulL", .unexpectedByte),
        ("True", .unexpectedByte), ("01", .invalidNumber), ("-", .invalidNumber), ("+1", .unexpectedByte),
        (".5", .unexpectedByte), ("1.", .invalidNumber), ("1e", .invalidNumber), ("1e+", .invalidNumber),
        ("0x1", .trailingBytes), ("NaN", .unexpectedByte), ("'a'", .unexpectedByte), ("\"", .unexpectedEnd),
        ("\"abc", .unexpectedEnd), ("\"a\nb\"", .controlCharacter), ("\"\\x\"", .invalidEscape),
        ("\"\\u12g4\"", .invalidEscape), ("\"\\u12", .unexpectedEnd), ("\"\\ud800\"", .invalidEscape),
        ("\"\\udc00\"", .invalidEscape), ("\"\\ud800\\u0041\"", .invalidEscape), ("[1,]", .unexpectedByte),
        ("[1 2]", .unexpectedByte), ("[", .unexpectedEnd), ("{", .unexpectedEnd), ("{\"a\"}", .unexpectedByte),
        ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{} {}", .trailingBytes), ("1 x", .trailingBytes),
        ("// a\n1", .unexpectedByte), ("\u{FEFF}1", .unexpectedByte),
    ])
    func refusesWhatIsNot(text: String, fault: JSONFault) {
        #expect(check(Array(text.utf8)) == fault)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]]
    )
    func refusesMalformedUTF8(bytes: [UInt8]) {
        for padding in [0, 7, 8, 9] {
            let filler = [UInt8](repeating: 0x61, count: padding)
            #expect(check([0x22] + filler + bytes + filler + [0x22]) == .invalidUTF8)
        }
    }

    @Test
    func stopsAtTheDepthLimit() {
        let open = [UInt8](repeating: UInt8(ascii: "["), count: 200)
        let close = [UInt8](repeating: UInt8(ascii: "]"), count: 200)
        #expect(check(open + close) == nil)
        #expect(check([UInt8(ascii: "[")] + open + close + [UInt8(ascii: "]")]) == .tooDeep)
        #expect(check([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)) == .tooDeep)
    }

    @Test
    func everyTruncationIsAnError() {
        let text = Array(#"{"a":[1.5e3,"x\u00e9\ud83d\ude00é",true,false,null],"b":{}}"#.utf8)
        #expect(check(text) == nil)
        for count in 0..<text.count { #expect(check(Array(text[..<count])) != nil) }
    }
}
