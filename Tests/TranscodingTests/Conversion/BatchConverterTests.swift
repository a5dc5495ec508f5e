import Bytes
import ProtobufSchema
import Testing

@testable import Transcoding

@Suite struct BatchConverterTests {
    private func answer(_ lines: String..., defaults: BatchConverter.Defaults = .init()) throws -> String {
        let converter = MessageConverter(
            schema: try TestSchema.sample.get(),
            printing: JSONOptions(omitsDefaults: true)
        )
        var batch = BatchConverter(converter, defaults: defaults)
        var answers = ByteBuffer()
        for line in lines {
            Array(line.utf8).withUnsafeBytes { batch.answer($0, into: &answers) }
        }
        return String(decoding: answers.bytes, as: UTF8.self)
    }

    private static var defaults: BatchConverter.Defaults {
        var defaults = BatchConverter.Defaults()
        (defaults.from, defaults.to, defaults.type) = (.json, .json, "sample.v1.Inner")
        return defaults
    }

    @Test(arguments: [
        #""a""#, #""\u00e9\n\"""#, "\"é\"", "0", "-1.50e+3", "123456789012345678901234567890", "true", "null",
    ])
    func idsComeBackAsTheyCame(_ id: String) throws {
        let answer = try answer(#"{"input": "e30=", "id": \#(id) }"#, defaults: Self.defaults)
        #expect(answer == "{\"id\":\(id),\"output\":\"e30=\"}\n")
    }

    @Test func linesOverrideTheDefaults() throws {
        var defaults = Self.defaults
        defaults.ignoresUnknownFields = true
        // {"x": 1} and {"label": "a"}
        let answers = try answer(
            #"{"id": 1, "input": "eyJ4IjogMX0="}"#,
            #"{"id": 2, "input": "eyJ4IjogMX0=", "ignore_unknown": false}"#,
            #"{"id": 3, "input": "eyJsYWJlbCI6ICJhIn0", "to": "binary"}"#,
            #"{"id": 4, "input": "CgFh", "from": "binary", "type": "sample.v1.GetSampleRequest"}"#,
            #"{"\u0069d": 5, "input": "CgFh", "from": "binary", "to": "\u0062inary"}"#,
            defaults: defaults
        )
        #expect(
            answers == #"""
                {"id":1,"output":"e30="}
                {"id":2,"error":"x: unknown field \"x\""}
                {"id":3,"output":"CgFh"}
                {"id":4,"output":"eyJpZCI6ImEifQ=="}
                {"id":5,"output":"CgFh"}

                """#
        )
    }

    @Test(arguments: [
        ("", "malformed line: the JSON text ends too early at column 1"),
        ("[]", "malformed line: unexpected character at column 1"),
        (#"{"a": 1"#, "malformed line: the JSON text ends too early at column 8"),
        (#"{"id": {}, "input": ""}"#, "\"id\" is an object or an array"),
        (#"{"type": "sample.v1.Inner"}"#, "\"input\" is missing"),
        (#"{"input": "e30=", "from": "json", "to": "json"}"#, "\"type\" is missing"),
        (#"{"input": "e30=", "from": "json"}"#, "\"to\" is missing"),
        (#"{"input": "e30="}"#, "\"from\" is missing"),
        (#"{"input": "e30=", "from": "JSON"}"#, "\"from\" is neither \"json\" nor \"binary\""),
        (#"{"input": "e30=", "to": 1}"#, "\"to\" is not a string"),
        (#"{"input": ["e30="]}"#, "\"input\" is not a string"),
        (#"{"input": "e30=", "input": "e30="}"#, "\"input\" occurs twice"),
        (#"{"inptu": "e30="}"#, "unknown member \"inptu\"; did you mean \"input\"?"),
        (#"{"input": "{}"}"#, "\"input\" is not base64"),
        (#"{"input": "e30=", "ignore_unknown": "true"}"#, "\"ignore_unknown\" is neither true nor false"),
        (#"{"input": "e30=", "ignore_unknown": null}"#, "\"ignore_unknown\" is neither true nor false"),
        (#"{"input": "\#u{1}"}"#, "malformed line: unescaped control character in a string at column 12"),
    ])
    func saysWhatIsWrong(_ line: String, _ expected: String) throws {
        var text = ByteBuffer()
        text.appendJSONString(expected)
        let quoted = String(decoding: text.bytes, as: UTF8.self)
        #expect(try answer(line) == "{\"id\":null,\"error\":\(quoted)}\n")
    }

    /// The id is found even if it comes after what is wrong.
    @Test func errorsCarryTheID() throws {
        #expect(try answer(#"{"from": 1, "id": 7}"#) == "{\"id\":7,\"error\":\"\\\"from\\\" is not a string\"}\n")
        #expect(try answer(#"{"id": 7, oops"#).hasPrefix("{\"id\":7,\"error\":\"malformed line: "))
    }

    /// One line's bytes are not in the next one's answer.
    @Test func linesAreApart() throws {
        let answers = try answer(
            #"{"input": "eyJsYWJlbCI6ICJhIn0"}"#,
            #"{"input": "!"}"#,
            #"{"input": "e30="}"#,
            defaults: Self.defaults
        )
        #expect(
            answers == #"""
                {"id":null,"output":"eyJsYWJlbCI6ImEifQ=="}
                {"id":null,"error":"\"input\" is not base64"}
                {"id":null,"output":"e30="}

                """#
        )
    }

    @Test func nestingIsBounded() throws {
        let line = #"{"id": 1, "x": "# + String(repeating: "[", count: 1_000_000)
        #expect(try answer(line).hasPrefix("{\"id\":1,\"error\":\"malformed line: nested more than 100 deep"))
    }
}
