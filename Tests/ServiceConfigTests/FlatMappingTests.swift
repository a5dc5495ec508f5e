import HTTPRules
import ServiceConfig
import Testing

@Suite
struct FlatMappingTests {
    private func read(_ text: String) throws(RouteProblem) -> [FlatMapping.Member] {
        try FlatMapping(Array(text.utf8), file: "f").members
    }

    private func problem(_ text: String) -> String? {
        do throws(RouteProblem) {
            _ = try read(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("a: text", FlatMapping.Value.scalar("text")), ("a: 0x10", .scalar("0x10")), ("a: 1.50", .scalar("1.50")),
        ("a: true", .scalar("true")), ("a: \"\"", .scalar("")), ("a: \"null\"", .scalar("null")),
        ("{\"a\": \"b\\/c\"}", .scalar("b/c")), ("a: |\n  b", .scalar("b")),
        ("a: [b, 1, \"\"]", .list(["b", "1", ""])), ("a: []", .list([])), ("a:\n- b\n- c", .list(["b", "c"])),
        ("a:", .null), ("a: null", .null), ("a: ~", .null),
        ("a: {b: c}", .other("a mapping")), ("a: !secret b", .other("a value tagged !secret")),
        ("a: [b, [c]]", .other("a list with a list")), ("a: [null]", .other("a list with null")),
        ("a: \"b\\0\"", .other("a text with a NUL")),
    ])
    func valuesAreText(text: String, value: FlatMapping.Value) throws {
        #expect(try read(text).map(\.value) == [value])
    }

    @Test
    func membersHaveTheirPlaces() throws {
        let members = try read("# a file\na: 1\n\n\"b\":\n  - x\n")
        #expect(members.map(\.key) == ["a", "b"])
        #expect(members.map(\.keyPlace.description) == ["f:2:1", "f:4:1"])
        #expect(members.map(\.place.description) == ["f:2:4", "f:5:3"])
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "null", "{}"])
    func aFileMayBeEmpty(text: String) throws {
        #expect(try read(text).isEmpty)
    }

    @Test(arguments: [
        ("a", "f:1:1: expected a mapping of keys to values, found a string"),
        ("- a", "f:1:1: expected a mapping of keys to values, found a list"),
        ("a: 1\nb: 2\na: 3", "f:1:1: the key \"a\" occurs twice"),
        ("{\"a\": 1, \"a\": 2}", "f:1:2: the key \"a\" occurs twice"),
        ("a: 1\nb: [", "f:3:1: not valid YAML: while parsing a flow node, did not find expected node content"),
        ("a: &x 1\nb: *x", "f:2:4: aliases are not supported"),
        ("a: \u{0}", "f:1:4: the file holds a NUL"),
    ])
    func whatIsNoMappingIsRefused(text: String, message: String) {
        #expect(problem(text) == message)
    }
}
