import Testing

@testable import TypeScriptClient

struct DocCommentTests {
    @Test(arguments: [
        ("One line.", ["/** One line. */"]),
        ("One.\n\n  Two.\r\nThree.\n\n", ["/**", " * One.", " *", " *   Two.", " * Three.", " */"]),
        ("\n \n", []),
        ("a */ b", [#"/** a *\/ b */"#]),
        ("**/", [#"/** **\/ */"#]),
        ("*\u{202E}/ *\u{0}/", [#"/** *\/ *\/ */"#]),
        ("@ts-ignore\n {@link x} a@b.c", ["/**", #" * \@ts-ignore"#, #" *  {\@link x} a@b.c"#, " */"]),
        (String(repeating: "x", count: 120), ["/**", " * " + String(repeating: "x", count: 120), " */"]),
    ])
    func `Whatever the text, the comment ends where it ends`(text: String, lines: [String]) {
        #expect(DocComment(text).lines(indentation: 0) == lines)
    }

    @Test
    func `Deprecation is a tag of its own`() {
        #expect(
            DocComment("Old.", isDeprecated: true).lines(indentation: 2) == [
                "/**", " * Old.", " *", " * @deprecated", " */",
            ]
        )
        #expect(DocComment(nil, isDeprecated: true).lines(indentation: 2) == ["/** @deprecated */"])
        #expect(DocComment(nil).isEmpty)
    }
}
