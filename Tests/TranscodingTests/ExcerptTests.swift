import HTTPRules
import Testing

@testable import Transcoding

/// An error repeats little of what a client sent, however much that was.
@Suite
struct ExcerptTests {
    @Test(
        arguments: [
            ("", ""), ("short", "short"), (String(repeating: "x", count: 64), String(repeating: "x", count: 64)),
            (String(repeating: "x", count: 65), String(repeating: "x", count: 64) + "…"),
            // The character that the limit falls into is left out as a whole.
            (String(repeating: "x", count: 63) + "é", String(repeating: "x", count: 63) + "…"),
            (String(repeating: "x", count: 61) + "😀", String(repeating: "x", count: 61) + "…"),
        ]
    )
    func cutsAtACharacter(text: String, excerpt: String) {
        #expect(Array(text.utf8).withUnsafeBytes { Excerpt.text($0) } == excerpt)
    }

    @Test
    func cutsWhatIsNotText() {
        let bytes = [UInt8](repeating: 0x80, count: 1000)
        #expect(bytes.withUnsafeBytes { Excerpt.text($0) }.utf8.count < 300)
    }

    private static let long = String(repeating: "n\u{E9}", count: 100_000)
    private static let deep = (0..<60).map { _ in "\"inner\":{" }.joined()

    @Test(
        arguments: [
            #"{"\#(long)":1}"#, #"{"inner":{"\#(long)":1,"\#(long)x":1}}"#, #"{"level":"\#(long)"}"#,
            #"{"levelsByName":{"\#(long)":"NOPE"}}"#, #"{"structure":{"\#(long)":1,"\#(long)":2}}"#,
            #"{"any":{"@type":"\#(long)"}}"#, #"{"any":{"@type":"t/google.protobuf.Duration","\#(long)":1}}"#,
            #"{"int32Value":\#(String(repeating: "1", count: 300_000))}"#, #"{"time":"\#(long)"}"#,
            #"{\#(deep)"\#(long)":1\#(String(repeating: "}", count: 61))"#,
        ]
    )
    func errorsStaySmall(json: String) throws {
        let error = try #require(throws: TranscodingError.self) { try Transcodings().wire(json) }
        check(error)
    }

    @Test
    func errorsAboutParametersStaySmall() throws {
        let long = String(repeating: "n", count: 100_000)
        for query in ["\(long)=1", "level=\(long)", "inner.\(long)=1", "arguments[\(long)]=%FF", "%ZZ\(long)=1"] {
            let error = try #require(throws: TranscodingError.self) {
                try Transcodings().wire("", binding: .none, query: query)
            }
            check(error)
        }
        let error = try #require(throws: TranscodingError.self) {
            try Transcodings().wire("{}", query: "\(long)=1")
        }
        check(error)
    }

    private func check(_ error: TranscodingError) {
        #expect(!error.violations.isEmpty)
        #expect(error.message.utf8.count < 800)
        for violation in error.violations {
            #expect(violation.field.utf8.count < 300)
            #expect(violation.description.utf8.count < 300)
        }
    }
}
