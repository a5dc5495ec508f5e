import Testing

@testable import OpenAPI

struct CommentTextTests {
    static let texts: [(raw: String, text: String)] = [
        ("", ""),
        (" \n\n", ""),
        (" One line.\n", "One line."),
        (" Two\n lines.\n", "Two\nlines."),
        ("\n Paragraph.\n\n Another  \n", "Paragraph.\n\nAnother"),
        (" - a list\n   that goes on\n", "- a list\n  that goes on"),
        ("no space\n here\n", "no space\n here"),
        (" a\u{0}b\u{1B}[31mc\u{7F}\u{85}\u{FEFF}\u{2028}d\te\r\n", "ab[31mcd\te"),
    ]

    @Test(arguments: texts)
    func text(_ sample: (raw: String, text: String)) {
        #expect(CommentText(sample.raw).text == sample.text)
    }

    static let summaries: [(raw: String, summary: String)] = [
        ("", ""),
        (" Starts a job.", "Starts a job"),
        (" Starts a job. And more.", "Starts a job. And more"),
        (" Starts a job,\n and answers.\n\n Not this.", "Starts a job, and answers"),
        (" Is it? " + String(repeating: "Long. ", count: 40), "Is it?"),
        (" First e.g.is no end. " + String(repeating: "Long. ", count: 40), "First e.g.is no end"),
        (String(repeating: "word ", count: 40), String(repeating: "word ", count: 39) + "word"),
    ]

    @Test(arguments: summaries)
    func summary(_ sample: (raw: String, summary: String)) {
        #expect(CommentText(sample.raw).summary == sample.summary)
    }

    static let bodies: [(raw: String, body: String)] = [
        ("", ""),
        (" Starts a job.", ""),
        (" Starts a job,\n and answers.\n\n This.\n\n - That", "This.\n\n- That"),
        (
            " First. " + String(repeating: "Long. ", count: 40),
            "First. " + String(repeating: "Long. ", count: 39) + "Long."
        ),
    ]

    @Test(arguments: bodies)
    func body(_ sample: (raw: String, body: String)) {
        #expect(CommentText(sample.raw).body == sample.body)
    }
}
