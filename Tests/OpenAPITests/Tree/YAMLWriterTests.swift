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
        "1_000", "0x1F", "0o7", "+1", ".5", ".inf", ".nan", "=", "<<", "on", "null", "\u{FFFE}", "\u{FFFF}x", "e1",
        "1e3", "nullable", "yesterday: x", "Titles # x",
        "line\n  indented\nback",
        "  indented first\nline", "tab\n\tline", "a\u{0}\nb",
    ])
    func texts(_ text: String) throws {
        let yaml = try YAMLWriter.text(of: ["key": .string(text)])
        let node = try #require(try Yams.compose(yaml: yaml))
        #expect(node["key"]?.string == text, "\(yaml)")
        #expect(node["key"]?.tag.description == "tag:yaml.org,2002:str", "\(yaml)")
    }

    /// Objects are written in pieces, which must come out as if they were not.
    @Test
    func depth() throws {
        let leaf: JSONValue = ["list": [["a": 1], []], "none": [:], "text": "one\n\n two\n\n"]
        let inner: JSONValue = ["c": ["d": leaf], "x": leaf]
        let value: JSONValue = ["a": ["b": inner, "e": [:]], "f": .number(0.5), "- g": leaf]
        let node = try #require(try Yams.compose(yaml: YAMLWriter.text(of: value)))
        for parent in [node["a"]?["b"]?["c"]?["d"], node["a"]?["b"]?["x"], node["- g"]] {
            #expect(parent?["text"]?.string == "one\n\n two\n\n")
            #expect(parent?["list"]?[0]?["a"]?.int == 1)
            #expect(parent?["list"]?[1]?.sequence?.count == 0)
            #expect(parent?["none"]?.mapping?.count == 0)
        }
        #expect(node["a"]?["e"]?.mapping?.count == 0)
        #expect(try YAMLWriter.text(of: ["f": .number(1e300), "g": .number(1e-7)]) == "f: 1.0e+300\ng: 1.0e-07\n")
    }

    /// Readers take it for a mark of the encoding, Yams' own too, unless it is escaped.
    @Test
    func byteOrderMark() throws {
        #expect(try YAMLWriter.text(of: ["key": "\u{FEFF}x"]) == "key: \"\\uFEFFx\"\n")
    }
}
