import Testing
import Yams

@testable import OpenAPI

struct YAMLWriterTests {
    @Test
    func layout() throws {
        let value: JSONValue = [
            "b": ["x", 1, true, .null, .number(0.5)],
            "a": ["text": "one\ntwo\n\nthree", "empty": [:], "none": []],
            "'quoted'": [
                "true", "null", "1", "1.5", "2026-01-31T23:59:59Z", "~", "", "yes", "- no list", "# none", "a: b",
            ],
        ]
        let lines = [
            "b:", "- x", "- 1", "- true", "- null", "- 0.5", "a:", "  text: |-", "    one", "    two", "", "    three",
            "  empty: {}", "  none: []", "'''quoted''':", "- 'true'", "- 'null'", "- '1'", "- '1.5'",
            "- '2026-01-31T23:59:59Z'", "- '~'", "- ''", "- 'yes'", "- '- no list'", "- '# none'", "- 'a: b'", "",
        ]
        #expect(try YAMLWriter.text(of: value) == lines.joined(separator: "\n"))
    }

    /// Whatever a text holds, a reader of YAML gets it back.
    @Test(arguments: [
        "a\u{0}b", "\u{1}", "\u{7F}\u{85}", "a\r\nb", "\ttab", " leading", "trailing ", "trailing \nline",
        "\n", "\n\nx\n\n", "a\u{2028}b", "é 🙂", "%x", "@x", "`x`", "{x}", "[x]", "&x", "*x", "!x", "|", ">", "?", "x: ",
        "1_000", "0x1F", "0o7", "+1", ".5", ".inf", ".nan", "=", "<<", "on", "null", "\u{FFFE}",
        "line\n  indented\nback",
        "  indented first\nline", "tab\n\tline", "a\u{0}\nb",
    ])
    func texts(_ text: String) throws {
        let yaml = try YAMLWriter.text(of: ["key": .string(text)])
        let node = try #require(try Yams.compose(yaml: yaml))
        #expect(node["key"]?.string == text, "\(yaml)")
        #expect(node["key"]?.tag.description == "tag:yaml.org,2002:str", "\(yaml)")
    }

    /// Readers take it for a mark of the encoding, Yams' own too, unless it is escaped.
    @Test
    func byteOrderMark() throws {
        #expect(try YAMLWriter.text(of: ["key": "\u{FEFF}x"]) == "key: \"\\uFEFFx\"\n")
    }
}
