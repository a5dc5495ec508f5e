import EventLoop
import Testing

@Suite
struct SocketAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1", 8080, "127.0.0.1:8080"), ("::1", 1, "[::1]:1"), ("0.0.0.0", 0, "0.0.0.0:0"),
            ("fe80::1", 65535, "[fe80::1]:65535"),
        ] as [(String, UInt16, String)]
    )
    func literals(host: String, port: UInt16, text: String) {
        let address = SocketAddress(literal: host, port: port)
        #expect(address?.description == text)
        #expect(address?.port == port)
    }

    @Test(arguments: ["", "localhost", "1.2.3", "256.1.1.1", "::g", "1.2.3.4 "])
    func whatIsNoLiteral(host: String) {
        #expect(SocketAddress(literal: host, port: 1) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1:8080"), ("localhost:0", "127.0.0.1:0"), ("[::1]:80", "[::1]:80"),
        ("unix:/run/x.sock", "unix:/run/x.sock"),
    ])
    func parsesWhatUsersWrite(text: String, description: String) throws {
        #expect(try SocketAddress(parsing: text).description == description)
    }

    @Test(arguments: [
        "", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:+80", "127.0.0.1:65536", "127.0.0.1:8o", "::1:80", "[::1]",
        "[127.0.0.1]:80", "example.org:80", ":80", "unix:",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(throws: AddressError.self) { try SocketAddress(parsing: text) }
    }

    @Test
    func pathsOfUnixSockets() {
        #expect(SocketAddress(unixPath: "/run/x.sock")?.description == "unix:/run/x.sock")
        #expect(SocketAddress(unixPath: "/run/x.sock")?.port == nil)
        #expect(SocketAddress(unixPath: "") == nil)
        #expect(SocketAddress(unixPath: "a\0b") == nil)
        #expect(SocketAddress(unixPath: String(repeating: "x", count: 107)) != nil)
        #expect(SocketAddress(unixPath: String(repeating: "x", count: 108)) == nil)
    }
}
