import Testing

@testable import TypeScriptClient

struct TypeScriptTextTests {
    @Test(arguments: [
        ("plain", #""plain""#), (#"a"b\c"#, #""a\"b\\c""#), ("\n\r\u{0}", #""\n\u000d\u0000""#),
        ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("\u{202E}x", #""\u202ex""#), ("\u{E0001}", #""\u{e0001}""#),
        ("${x} `y`", #""${x} `y`""#), ("ä€😀", #""ä€😀""#),
    ])
    func `Strings have nothing in them that is not seen`(text: String, literal: String) {
        #expect(TypeScriptText.quoted(text) == literal)
    }

    @Test(arguments: [
        ("id", "id"), ("class", "class"), ("_a$1", "_a$1"), ("9", #""9""#), ("", #""""#),
        ("[pkg.ext]", #""[pkg.ext]""#),
        ("ä", #""ä""#), ("a-b", #""a-b""#),
    ])
    func `Members that are no identifiers stand in quotes`(name: String, expected: String) {
        #expect(TypeScriptText.memberName(name) == expected)
    }
}
