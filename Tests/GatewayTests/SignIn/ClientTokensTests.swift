import Testing

@testable import Gateway

@Suite
struct ClientTokensTests {
    private func contains(_ tokens: ClientTokens, _ token: String) -> Bool {
        Array(token.utf8).withUnsafeBytes { tokens.contains($0) }
    }

    @Test
    func aTokenALine() throws {
        let tokens = try ClientTokens(parsing: Array("#x\none\r\n\n\t two==\nAZaz09-._~+/".utf8), file: "f")
        for token in ["one", "two==", "AZaz09-._~+/"] { #expect(contains(tokens, token)) }
        for token in ["", "on", "ones", "One", "two=", "two", "#x", "x", "one\ntwo==", "one "] {
            #expect(!contains(tokens, token))
        }
    }

    @Test
    func asManyAsAreAllowed() throws {
        let lines = (0...ClientTokens.maximumCount).map { "token-\($0)" }
        let most = try ClientTokens(parsing: Array(lines.dropLast().joined(separator: "\n").utf8), file: "f")
        #expect(lines.dropLast().allSatisfy { contains(most, $0) })
        #expect(throws: GatewayError.self) {
            try ClientTokens(parsing: Array(lines.joined(separator: "\n").utf8), file: "f")
        }
    }

    @Test
    func nothingOfATokenIsKept() throws {
        let tokens = try ClientTokens(parsing: Array("top-secret".utf8), file: "f")
        var text = ""
        dump(tokens, to: &text)
        #expect(!text.contains("top-secret"))
        // Nor as the numbers of its bytes.
        #expect(!text.contains("\(UInt8(ascii: "t"))\n"))
    }

    @Test(arguments: [
        "id", "\u{E9}", String(repeating: "k", count: 1024),
    ])
    func aKeyOfTheGatewaysOwnDoesNotShow(secret: String) throws {
        let key = try APIKey(id: Array("id".utf8), secret: Array(secret.utf8))
        var text = ""
        dump(ViamAuth.serviceKey(key, callers: nil), to: &text)
        text += "\(key) \(String(reflecting: key)) \(ViamAuth.serviceKey(key, callers: nil))"
        #expect(!text.contains("\(Array(secret.utf8))"))
        #expect(key.secret == Array(secret.utf8))
        #expect(text.contains("an API key"))
        #expect(!text.contains("secret:"))
    }

    @Test(arguments: [
        ("", "k"), ("id", ""), ("i\nd", "k"), ("id", "k\0"), (String(repeating: "i", count: 257), "k"),
        ("id", String(repeating: "k", count: 1025)),
    ])
    func keysThatAreNone(id: String, secret: String) {
        #expect(throws: GatewayError.self) { try APIKey(id: Array(id.utf8), secret: Array(secret.utf8)) }
    }

    @Test
    func aKeyIsUTF8() {
        #expect(throws: GatewayError.self) { try APIKey(id: [0xFF], secret: [0x61]) }
        #expect(throws: GatewayError.self) { try APIKey(id: [0x61], secret: [0xC3]) }
    }
}
