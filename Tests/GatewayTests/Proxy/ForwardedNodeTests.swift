import EventLoop
import Testing

@testable import Gateway

@Suite
struct ForwardedNodeTests {
    private func node(_ text: String) -> ForwardedNode? {
        Array(text.utf8).withUnsafeBytes { ForwardedNode($0) }
    }

    @Test(arguments: [
        ("192.0.2.43", "192.0.2.43"), ("192.0.2.43:47011", "192.0.2.43"), ("192.0.2.43:_port", "192.0.2.43"),
        ("[2001:db8:cafe::17]", "2001:db8:cafe::17"), ("[2001:db8:cafe::17]:4711", "2001:db8:cafe::17"),
        ("[::1]:_x", "::1"), ("2001:db8::1", "2001:db8::1"), ("::ffff:10.0.0.1", "10.0.0.1"),
    ])
    func addresses(text: String, address: String) throws {
        let address = try #require(IPAddress(parsing: address))
        #expect(node(text) == .address(address))
    }

    @Test(arguments: ["unknown", "UNKNOWN", "unknown:80", "_hidden", "_SEVKISEK", "_a.b-c_d", "_gazonk:_port"])
    func hidden(text: String) {
        #expect(node(text) == .hidden)
    }

    @Test(arguments: [
        "", " ", "_", "_a!", "unknown ", "hidden", "[", "]", "[]", "[::1", "::1]", "[10.0.0.1]", "[::1]80", "[::1]:",
        "[::1]:123456", "1.2.3.4:", "1.2.3.4:123456", "1.2.3.4:http", "1.2.3.4:_", "1.2.3.4:80:80", "1.2.3", "[::1%lo]",
        "fe80::1%lo", "\"1.2.3.4\"", "for=1.2.3.4", "localhost", "proxy.example", "1.2.3.4\u{0}", "[[::1]]",
    ])
    func malformed(text: String) {
        #expect(node(text) == nil)
    }
}
