import Testing

@testable import APIReference

@Suite
struct PageTemplateTests {
    private func filled(_ template: String, _ values: [String: String]) -> String {
        String(
            decoding: PageTemplate(Array(template.utf8)).filled(values.mapValues { Array($0.utf8) }),
            as: UTF8.self
        )
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), ("{{x}}", "1"), ("a{{x}}b{{y}}c{{x}}", "a1b{{x}}c1"), ("{{z}}", ""), ("{{}}", ""),
        ("{x}", "{x}"), ("{{x", "{{x"), ("x}}", "x}}"), ("{{x}", "{{x}"), ("{{{x}}", "?"),
    ])
    func placesAreFilledOnce(template: String, expected: String) {
        // The second value looks like a place itself.
        #expect(filled(template, ["x": "1", "y": "{{x}}", "{x": "?"]) == expected)
    }

    @Test(arguments: [
        (#"{"a": "</script><!-- <b>"}"#, #"{"a": "\u003c/script>\u003c!-- \u003cb>"}"#), ("{}", "{}"),
        (#"["é"]"#, #"["é"]"#),
    ])
    func jsonInAScript(json: String, expected: String) {
        #expect(String(decoding: PageTemplate.escaped(json: json), as: UTF8.self) == expected)
    }

    @Test
    func textBetweenTags() {
        #expect(String(decoding: PageTemplate.escaped(text: "a < b & c"), as: UTF8.self) == "a &lt; b &amp; c")
    }
}
