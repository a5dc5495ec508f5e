import Testing

@testable import YAML

@Suite
struct DocumentTests {
    /// What a tree has, without its places: `[a, "b"]`, `{a: |b}`, with tags in brackets before values.
    private func outline(_ node: Node) -> String {
        let tag = node.tag.map { "<\($0)>" } ?? ""
        switch node.content {
        case .scalar(let text, let style):
            let indicator =
                switch style {
                case .plain: ""
                case .singleQuoted: "'"
                case .doubleQuoted: "\""
                case .literal: "|"
                case .folded: ">"
                }
            return tag + indicator + text
        case .sequence(let elements): return tag + "[\(elements.map(outline).joined(separator: ", "))]"
        case .mapping(let members):
            return tag + "{\(members.map { "\($0.key): \(outline($0.value))" }.joined(separator: ", "))}"
        }
    }

    private func read(_ text: String) throws(YAMLError) -> String? {
        try Document.root(of: Array(text.utf8)).map(outline)
    }

    private func problem(_ text: String) -> String? {
        problem(Array(text.utf8))
    }

    private func problem(_ text: [UInt8]) -> String? {
        do throws(YAMLError) {
            _ = try Document.root(of: text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("a", "a"), ("'it''s'", "'it's"), (#""\x41\n\0""#, "\"A\n\u{0}"),
        ("|\n a\n  b", "|a\n b"), (">\n a\n b", ">a b"),
        ("[]", "[]"), ("{}", "{}"), ("- a\n- - b\n-", "[a, [b], ]"),
        ("b: 1\na:\n  c: [x, {y: z}]", "{b: 1, a: {c: [x, {y: z}]}}"),
        ("? a\n: b\n? c", "{a: b, c: }"), ("{a, b: }", "{a: , b: }"), ("[a: b]", "[{a: b}]"),
        ("!secret a", "<!secret>a"), ("! 5", "<!>5"), ("!!str 5", "<tag:yaml.org,2002:str>5"),
        ("!a [!b {}]", "<!a>[<!b>{}]"),
        ("%TAG !e! x:\n--- !e!y a", "<x:y>a"), ("%YAML 1.1\n--- a\n...\n", "a"), ("&a b", "b"),
        ("&a {&b c: &d [e]}", "{c: [e]}"),
        ("# no\na: 1 # no", "{a: 1}"), ("---\n", ""), ("é: 🙂", "{é: 🙂}"), ("{\"a\": \"\\u00e9\"}", "{a: \"é}"),
        ("a: 1\r\nb: |\r\n  x\r\n  y\r\n", "{a: 1, b: |x\ny\n}"),
    ])
    func trees(text: String, outline: String) throws {
        #expect(try read(text) == outline)
    }

    @Test(arguments: ["", "\n \n", "# nothing", "# nothing\n\n"])
    func textsWithoutDocument(text: String) throws {
        #expect(try read(text) == nil)
    }

    @Test
    func places() throws {
        let root = try #require(try Document.root(of: Array("# file\né: 1\n\"ö\":\n  - ü\n  - {a: b}\n".utf8)))
        #expect(root.mark == Mark(line: 2, column: 1))
        guard case .mapping(let members) = root.content else { throw YAMLError("no mapping") }
        #expect(members.map(\.keyMark) == [Mark(line: 2, column: 1), Mark(line: 3, column: 1)])
        #expect(members.map(\.value.mark) == [Mark(line: 2, column: 4), Mark(line: 4, column: 3)])
        guard case .sequence(let elements) = try #require(members.last).value.content else {
            throw YAMLError("no list")
        }
        #expect(elements.map(\.mark) == [Mark(line: 4, column: 5), Mark(line: 5, column: 5)])
    }

    @Test(arguments: [
        ("a: b: c", "1:5: not valid YAML: mapping values are not allowed in this context"),
        ("[a", "2:1: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        ("a: !<x", "1:7: not valid YAML: while scanning a tag, did not find the expected '>'"),
        ("!x!y a", "1:1: not valid YAML: while parsing a node, found undefined tag handle"),
        ("a\n--- b", "2:1: not valid YAML: expected a single document in the stream, but found another document"),
        ("é\u{1}", "1:2: not valid YAML: control characters are not allowed"),
        ("a\u{0}b", "1:2: not valid YAML: control characters are not allowed"),
        ("a: 1\nb: 2\nb: 3\na: 4", "2:1: the key \"b\" occurs twice"),
        ("{x: {a: 1, 'a': 2}}", "1:6: the key \"a\" occurs twice"),
        ("{a: 1, !t a: 2}", "1:2: the key \"a\" occurs twice"),
        ("é: 1\ne\u{301}: 2", "1:1: the key \"e\u{301}\" occurs twice"),
        ("- a\n- *a", "2:3: not valid YAML: found undefined alias"),
        ("- &a b\n- *a", "2:3: aliases are not supported"),
        ("&a b: *a", "1:7: aliases are not supported"),
        ("&a {b: *a}", "1:8: aliases are not supported"),
        ("- &a b\n- {*a : 1}", "2:4: aliases are not supported"),
        ("[a]: b", "1:1: a key is a text, found a list"),
        ("{? {a: b} : c}", "1:4: a key is a text, found a mapping"),
        ("%YAML 1.1\n%YAML 1.1\n--- a", "2:1: not valid YAML: found duplicate %YAML directive"),
        ("%YAML 2.0\n--- a", "1:1: not valid YAML: found incompatible YAML document"),
        ("%FOO\n--- a", "1:5: not valid YAML: while scanning a directive, found unknown directive name"),
    ])
    func refusals(text: String, message: String) {
        #expect(problem(text) == message)
    }

    @Test(arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        #expect(problem(Array("a: ".utf8) + bytes)?.hasPrefix("1:4: not valid YAML: ") == true)
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", "")])
    func depthIsBounded(opening: String, closing: String) throws {
        func text(_ count: Int) -> String {
            String(repeating: opening, count: count) + "a" + String(repeating: closing, count: count)
        }
        #expect(try read(text(Document.maximumDepth - 1)) != nil)
        #expect(problem(text(Document.maximumDepth))?.hasSuffix("nested too deep, more than 100 levels") == true)
    }

    /// libyaml would take seconds to minutes for each of these.
    @Test(.timeLimit(.minutes(1)), arguments: ["[", "{", "{a: ", "- ", "? ", "[[]: ", "&a [", "!t {"])
    func deepTextsAreRefusedSoon(opening: String) {
        #expect(problem(String(repeating: opening, count: 200_000)) != nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func tagDirectivesAreBounded() throws {
        func text(_ count: Int) -> String { (0..<count).map { "%TAG !\($0)! x\n" }.joined() + "--- a\n" }
        #expect(try read(text(16)) == "a")
        #expect(problem(text(17)) == "17:1: there are too many %TAG directives")
        #expect(problem(text(70_000)) == "17:1: there are too many %TAG directives")
        // Each tag that refers to it repeats it.
        let directive = "%TAG !e! " + String(repeating: "x", count: 250)
        #expect(problem("---\n\(directive)\n--- !e!a a\n") == "2:1: a %TAG directive has more than 256 bytes")
    }

    /// As large as a file may be, in each of the ways that have many nodes.
    @Test(.timeLimit(.minutes(1)))
    func wideTexts() throws {
        let count = 100_000
        for text in [
            (0..<count).map { "k\($0): 1\n" }.joined(), String(repeating: "- \n", count: count),
            "[" + String(repeating: "a,", count: count) + "]", "{" + (0..<count).map { "k\($0)," }.joined() + "}",
            (0..<count).map { "- &a\($0) b\n" }.joined(),
        ] {
            let root = try #require(try Document.root(of: Array(text.utf8)))
            switch root.content {
            case .mapping(let members): #expect(members.count == count)
            case .sequence(let elements): #expect(elements.count == count)
            case .scalar: Issue.record("a scalar")
            }
        }
    }
}
