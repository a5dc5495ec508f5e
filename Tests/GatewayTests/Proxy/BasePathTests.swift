import Testing

@testable import Gateway

@Suite
struct BasePathTests {
    @Test(arguments: ["", "/training", "/a/b/c", "/a-b_c~d.e", "/v1:x@y", "/caf%C3%A9", "/a%20b", "/...", "/a..b"])
    func paths(text: String) throws {
        let path = try BasePath(text)
        #expect(path.text == text)
        #expect(path.isEmpty == text.isEmpty)
    }

    @Test(arguments: [
        ("training", "begin"), ("/", "ends"), ("/training/", "ends"), ("//training", "empty"), ("/a//b", "empty"),
        ("/./a", "take"), ("/a/..", "take"), ("/..", "take"), ("/a b", "encoded"), ("/é", "encoded"),
        ("/a?b", "encoded"),
        ("/a#b", "encoded"), ("/a%2", "digits"), ("/a%", "digits"), ("/a%2f", "digits"), ("/a%2Fb", "should"),
        ("/a%00", "should"), ("/%41", "leave"), ("/%2E%2E", "leave"), ("/a\\b", "encoded"), ("/a\r\nX: y", "encoded"),
        ("/" + String(repeating: "a", count: 256), "longer"), ("http://host/path", "begin"),
    ])
    func refused(text: String, reason: String) {
        #expect {
            try BasePath(text)
        } throws: { error in
            "\(error)".contains(reason)
        }
    }
}
