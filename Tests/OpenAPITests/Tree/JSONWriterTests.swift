import Testing

@testable import OpenAPI

struct JSONWriterTests {
    static let values: [(JSONValue, String)] = [
        (.null, "null"),
        (true, "true"),
        (-3, "-3"),
        (.number(0.5), "0.5"),
        ("a\"\\\n\u{1}é\u{2028}", #""a\"\\\n\u0001é\u2028""#),
        ([], "[]"),
        ([:], "{}"),
        (["b": [1, 2], "a": ["c": .null]], #"{"b":[1,2],"a":{"c":null}}"#),
    ]

    @Test(arguments: values)
    func compactText(value: JSONValue, text: String) {
        #expect(JSONWriter.text(of: value, isIndented: false) == text)
    }

    @Test
    func indentedText() {
        let value: JSONValue = ["b": [1, ["x": "y"]], "a": [], "c": [:]]
        let lines = ["{", "  \"b\": [", "    1,", "    {", "      \"x\": \"y\"", "    }", "  ],"]
        let all = lines + ["  \"a\": [],", "  \"c\": {}", "}", ""]
        #expect(JSONWriter.text(of: value) == all.joined(separator: "\n"))
    }

    @Test
    func membersKeepTheirOrder() {
        var object = JSONObject()
        object["b"] = 1
        object["a"] = 2
        object["b"] = 3
        object["c"] = nil
        #expect(object.members.map(\.key) == ["b", "a"])
        object["b"] = nil
        #expect(object.members.map(\.key) == ["a"])
        #expect(object["a"] == 2)
        #expect(object["b"] == nil)
    }
}
