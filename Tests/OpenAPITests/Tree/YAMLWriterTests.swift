import GatewayTesting
import Glibc
import Testing
import YAML

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

    static let texts = [
        "a\u{0}b", "\u{1}", "\u{7F}\u{85}", "a\r\nb", "\ttab", " leading", "trailing ", "trailing \nline", "\n",
        "\n\nx\n\n", "a\u{2028}b", "é 🙂", "%x", "@x", "`x`", "{x}", "[x]", "&x", "*x", "!x", "|", ">", "?", "x: ",
        "1_000", "0x1F", "0o7", "+1", ".5", ".inf", ".nan", "=", "<<", "on", "null", "\u{FFFE}", "\u{FFFF}x", "e1",
        "1e3", "nullable", "yesterday: x", "Titles # x", "", "~", "yes", "No", "y", "n", "true", "False", "- x", "-",
        "x: y", "x:", "#x", "x #y", "1", "007", "0b11", "1:30", "190:20:30.15", "-1:30", "1.", "-.5", "1.5e+3",
        "2026-01-31", "2026-1-3", "2026-01-31T23:59:59Z", "2026-01-31 23:59:59.5 +01:00", "2026-01-31T23-59-59",
        "3.1.0", "4xx", "---", "...", "--- x", "\u{FEFF}", "x\u{FEFF}", "\u{10FFFF}", "\u{A0}", "x\n---\ny", "x\n#y",
        "'x'", "\"x\"", "it's", "\\", "x\\n", "line\n  indented\nback", "  indented first\nline", "tab\n\tline",
        "a\u{0}\nb", String(repeating: "long ", count: 100) + "text",
    ]

    /// Whatever a text holds, a reader of YAML gets it back, as a value and as a key.
    @Test(arguments: texts)
    func textsComeBack(_ text: String) throws {
        let value: JSONValue = ["key": .string(text), text: [.string(text)]]
        let yaml = try YAMLWriter.text(of: value)
        #expect(try Self.read(yaml) == value, "\(yaml)")
    }

    /// PyYAML's own reader, which has nothing in common with libyaml, and takes what is plain for what YAML 1.1 has it.
    @Test(.enabled(if: access(YAMLWriterTests.python, X_OK) == 0, "make test-venv makes it"))
    func anotherReader() throws {
        let script = """
            import sys, yaml
            for value in yaml.load(sys.argv[1], yaml.SafeLoader)["texts"]:
                print(value.encode().hex() if isinstance(value, str) else repr(value))
            """
        let yaml = try YAMLWriter.text(of: ["texts": .array(Self.texts.map { .string($0) })])
        let process = try ChildProcess(Self.python, ["-X", "utf8", "-c", script, yaml])
        #expect(try process.waitForExit(timeout: .seconds(60)) == .code(0), "\(process.lines(.error))")
        let expected = Self.texts.map { text in
            text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(process.lines(.output) == expected)
    }

    private static let python =
        #filePath.replacing("/Tests/OpenAPITests/Tree/YAMLWriterTests.swift", with: "")
        + "/.venv-tests/bin/python"

    @Test
    func depth() throws {
        let leaf: JSONValue = ["list": [["a": 1], []], "none": [:], "text": "one\n\n two\n\n"]
        let inner: JSONValue = ["c": ["d": leaf], "x": leaf]
        let value: JSONValue = ["a": ["b": inner, "e": [:]], "f": .number(0.5), "- g": leaf]
        #expect(try Self.read(YAMLWriter.text(of: value)) == value)
        #expect(try YAMLWriter.text(of: ["f": .number(1e300), "g": .number(1e-7)]) == "f: 1.0e+300\ng: 1.0e-07\n")
    }

    /// A text at the end that ends in empty lines has no `...` behind it.
    @Test
    func emptyLinesAtTheEnd() throws {
        #expect(try YAMLWriter.text(of: ["a": ["b": "x\n\n"]]) == "a:\n  b: |+\n    x\n\n")
    }

    /// The values of a document; what is plain and no string has to be one of those that the writer writes.
    private static func read(_ yaml: String) throws -> JSONValue {
        try value(of: #require(try Document.root(of: Array(yaml.utf8))))
    }

    private static func value(of node: Node) throws -> JSONValue {
        #expect(node.tag == nil)
        switch node.content {
        case .scalar(let text, .plain) where !ImplicitType.isString(text):
            switch text {
            case "null": return .null
            case "true", "false": return .bool(text == "true")
            default: return try Int64(text).map(JSONValue.integer) ?? .number(#require(Double(text)))
            }
        case .scalar(let text, _): return .string(text)
        case .sequence(let elements): return .array(try elements.map(value))
        case .mapping(let members):
            var object = JSONObject()
            for member in members { object[member.key] = try value(of: member.value) }
            return .object(object)
        }
    }

    /// Readers take it for a mark of the encoding unless it is escaped.
    @Test
    func byteOrderMark() throws {
        #expect(try YAMLWriter.text(of: ["key": "\u{FEFF}x"]) == "key: \"\\uFEFFx\"\n")
    }
}
