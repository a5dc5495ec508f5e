import Bytes
import Foundation
import Testing

@testable import Transcoding

@Suite
struct JSONIndenterTests {
    private func indent(_ json: [UInt8], spaces: Int = 2) -> String {
        var output = ByteBuffer()
        json.withUnsafeBytes { JSONIndenter(spaces: spaces).indent($0, into: &output) }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", ""), ("1", "1"), ("null", "null"), ("\"a b\"", "\"a b\""), ("{}", "{}"), ("[]", "[]"),
        ("[{}]", "[\n  {}\n]"), ("[[],[]]", "[\n  [],\n  []\n]"), ("{\"a\":{}}", "{\n  \"a\": {}\n}"),
        ("[1,-2.5e+3,true]", "[\n  1,\n  -2.5e+3,\n  true\n]"),
        (
            #"{"a":{"b":[1,{"c":null}]},"d":"x"}"#,
            """
            {
              "a": {
                "b": [
                  1,
                  {
                    "c": null
                  }
                ]
              },
              "d": "x"
            }
            """
        ),
        // What looks like structure inside strings is not.
        (#"{"{[,:]}":"a\"}, \\"}"#, "{\n  \"{[,:]}\": \"a\\\"}, \\\\\"\n}"),
        (#"["\\\\\\","1234567\"8\"","é\"日,"]"#, "[\n  \"\\\\\\\\\\\\\",\n  \"1234567\\\"8\\\"\",\n  \"é\\\"日,\"\n]"),
        // White space between tokens is dropped.
        (" [ ]\n", "[]"), ("{ \"a\" :\t[ 1 , 2 ] }", "{\n  \"a\": [\n    1,\n    2\n  ]\n}"),
    ])
    func putsMembersOnLines(json: String, lines: String) {
        #expect(indent(Array(json.utf8)) == lines)
    }

    @Test(arguments: [
        (-1, "[\n{\n\"a\": 1\n}\n]"), (0, "[\n{\n\"a\": 1\n}\n]"), (1, "[\n {\n  \"a\": 1\n }\n]"),
        (4, "[\n    {\n        \"a\": 1\n    }\n]"),
    ])
    func indentsByAsMuchAsAskedFor(spaces: Int, lines: String) {
        #expect(indent(Array(#"[{"a":1}]"#.utf8), spaces: spaces) == lines)
    }

    @Test
    func appendsToWhatIsThere() {
        var output = ByteBuffer()
        output.append("data: ")
        Array("[1]".utf8).withUnsafeBytes { JSONIndenter(spaces: 2).indent($0, into: &output) }
        #expect(String(decoding: output.bytes, as: UTF8.self) == "data: [\n  1\n]")
    }

    /// Strings that end at every offset within and between words.
    @Test
    func findsTheEndOfStringsAtEveryOffset() {
        for count in 0..<40 {
            let text = String(repeating: "x", count: count)
            let lines = "[\n  \"\(text)\",\n  \"\(text)\\\\\",\n  1\n]"
            #expect(indent(Array("[\"\(text)\",\"\(text)\\\\\",1]".utf8)) == lines)
        }
    }

    @Test
    func changesWhiteSpaceOnly() throws {
        let compact = try Transcodings().roundTrip(RobustnessTests.rich, options: JSONOptions())
        let pretty = indent(Array(compact.utf8), spaces: 3)
        let left = try JSONSerialization.jsonObject(with: Data(compact.utf8)) as? NSDictionary
        let right = try JSONSerialization.jsonObject(with: Data(pretty.utf8)) as? NSDictionary
        #expect(left != nil)
        #expect(left == right)
        #expect(indent(Array(pretty.utf8), spaces: 3) == pretty)
    }

    @Test(
        arguments: [
            [0x22], [0x22, 0x5C], [0x22, 0x5C, 0x22], [0x7D, 0x5D, 0x7D], [0x5B, 0x7D, 0x5D], [0x2C, 0x3A, 0x2C],
            [0xFF, 0x00, 0x80], [0x7B, 0x22, 0x61],
        ] as [[UInt8]]
    )
    func takesAnyBytes(bytes: [UInt8]) {
        for padding in 0..<17 {
            let filler = [UInt8](repeating: 0x61, count: padding)
            let before = (bytes + filler + bytes).filter { $0 != 0x20 && $0 != 0x0A }
            let after = indent(bytes + filler + bytes).unicodeScalars.filter { $0 != " " && $0 != "\n" }
            #expect(String(decoding: before, as: UTF8.self).unicodeScalars.elementsEqual(after))
        }
    }

    /// Indentation ends at some level, or the text would grow with the square of the input.
    @Test(.timeLimit(.minutes(1)))
    func endlessNestingStaysLinear() {
        var output = ByteBuffer()
        let brackets = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        brackets.withUnsafeBytes { JSONIndenter(spaces: 2).indent($0, into: &output) }
        let perLevel = output.count / 100_000
        #expect(perLevel < 1100)
    }
}
