import HTTPRules
import ServiceConfig
import Testing

/// Texts that are no YAML, or too much of it, end in an error.
@Suite struct YAMLTextTests {
    private func problem(_ bytes: [UInt8]) -> String {
        do {
            _ = try TestFile.read(bytes)
            return ""
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("type: a: b", "rules.yaml:1:8: not valid YAML: mapping values are not allowed in this context"),
        ("a: 1\n\tb: 2", "rules.yaml:2:1: not valid YAML: while scanning a plain scalar, found a tab"),
        ("{", "rules.yaml:2:1: not valid YAML: while parsing a flow node"),
        ("a: \"\\ud800\"", "rules.yaml:1:7: not valid YAML: while parsing a quoted scalar"),
        ("a: 1\nb: 2\na: 3", "rules.yaml:1:1: the key \"a\" occurs twice"),
        ("é: 1\n---\nb: 2", "rules.yaml:2:1: not valid YAML: expected a single document in the stream"),
        ("a: 1\nb: \u{1}", "rules.yaml:2:4: not valid YAML: control characters are not allowed"),
        ("é: 1\r\nö: \u{1}", "rules.yaml:2:4: not valid YAML: control characters are not allowed"),
        ("a: *b", "rules.yaml:1:4: not valid YAML: found undefined alias"),
        ("a: &b 1\nc: *b", "rules.yaml:2:4: aliases are not supported"),
        (
            "a: &b 1\nc: !!str *b",
            "rules.yaml:2:10: not valid YAML: while parsing a block mapping, did not find expected key"
        ),
        ("a: é\u{0}", "rules.yaml:1:5: the file holds a NUL"),
    ])
    func refuses(_ text: String, _ expected: String) {
        let found = problem(Array(text.utf8))
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test(arguments: [
        ([0x61, 0x3A, 0x0A, 0xC3, 0xA9, 0xFF], "rules.yaml:2:2: the file is not UTF-8"),
        // UTF-16 with its mark, an overlong form and a surrogate.
        ([0xFE, 0xFF, 0x30, 0x41], "rules.yaml:1:1: the file is not UTF-8"),
        ([0xC0, 0x80], "rules.yaml:1:1: the file is not UTF-8"),
        ([0x61, 0xED, 0xA0, 0x80], "rules.yaml:1:2: the file is not UTF-8"),
    ])
    func refusesOtherEncodings(_ bytes: [UInt8], _ expected: String) {
        #expect(problem(bytes) == expected)
    }

    @Test(arguments: [
        "a: Q&A *A", "a: /x&y/*y", "a: \"b&c\"\nd: \"e*c\"", "a: &b 1\nc: 2", "a: b & c * b", "a: [b&c,d*c]",
    ])
    func takesWhatIsNoAlias(_ text: String) {
        // It is read, and only then found to be no service configuration.
        #expect(problem(Array(text.utf8)).contains("there is no \"type: google.api.Service\""))
    }

    /// No white space is needed before an alias.
    @Test(arguments: ["a: &b 1\nc: [*b]", "a: [&b 1,*b]", "a: {&b c: 1,*b : 2}", "- &b 1\n- *b", "&b c: *b"])
    func findsAliases(_ text: String) {
        #expect(problem(Array(text.utf8)).contains("aliases are not supported"))
    }

    /// Nine levels of nine references each, as a value and as a key.
    @Test(arguments: ["x: *i", "? *i\n: x", "? [*i, *i]\n: x"])
    func refusesBillionLaughs(_ last: String) {
        var text = "a: &a [lol]\n"
        for (name, next) in zip("abcdefgh", "bcdefghi") {
            let list = Array(repeating: "*\(name)", count: 9).joined(separator: ",")
            text += "\(next): &\(next) [\(list)]\n"
        }
        #expect(problem(Array((text + last).utf8)) == "rules.yaml:2:8: aliases are not supported")
    }

    @Test(arguments: [("[", ""), ("{a: ", ""), ("- ", ""), ("[", "]"), ("[{a: ", "}]")])
    func refusesDeepNesting(_ opening: String, _ closing: String) {
        let text = String(repeating: opening, count: 100_000) + String(repeating: closing, count: 100_000)
        #expect(problem(Array(text.utf8)).contains("nested too deep"))
    }

    /// Nobody reads a key that is no text, so none is taken, whatever the section.
    @Test(arguments: ["? ", "{? ", "- ? ", "? - ", "? \n  ", "{a: 1, ? "])
    func refusesKeysInKeys(_ opening: String) {
        let text = String(repeating: opening, count: 40)
        #expect(problem(Array(text.utf8)).contains(": a key is a text, found a "))
    }

    @Test func keysMayBeExplicit() {
        let keys = (0..<100).map { "? k\($0)\n: 1\n" }.joined()
        let text = "? type\n: google.api.Service\n? http\n: {? rules : []}\nquestion: why?, really? ? \n" + keys
        #expect(problem(Array(text.utf8)) == "")
    }

    /// Wide and flat is no problem but its size.
    @Test func boundsTheSize() {
        let list = "type: google.api.Service\nhttp: {rules: []}\nx: ["
        let rest = ServiceConfig.maximumBytes - list.utf8.count - 1
        let fits = Array((list + String(repeating: "1,", count: rest / 2 / 16) + "]").utf8)
        #expect(problem(fits) == "")
        let blanks = [UInt8](repeating: 0x20, count: ServiceConfig.maximumBytes + 1)
        #expect(problem(blanks) == "rules.yaml: the file is larger than 1048576 bytes")
    }
}
