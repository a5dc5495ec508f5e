import EventLoop
import Testing

@Suite
struct IPNetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["9.255.255.255", "11.0.0.0", "::a00:1"]),
        ("10.1.2.3/8", ["10.0.0.0"], ["11.0.0.0"]),
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.0", "192.0.2.2"]),
        ("192.0.2.1/32", ["192.0.2.1"], ["192.0.2.0"]),
        ("0.0.0.0/0", ["1.2.3.4", "255.255.255.255"], ["::1", "2001:db8::1"]),
        ("::/0", ["::1", "2001:db8::1"], ["1.2.3.4"]),
        ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db7::", "2001:db9::"]),
        ("2001:db8::/65", ["2001:db8::7fff:0:0:1"], ["2001:db8::8000:0:0:1"]),
        ("2001:db8::/64", ["2001:db8::ffff:0:0:1"], ["2001:db8:0:1::"]),
        ("::1", ["::1"], ["::", "::2", "127.0.0.1"]),
        ("::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.0"]),
    ])
    func members(network: String, inside: [String], outside: [String]) throws {
        let network = try #require(IPNetwork(parsing: network))
        for text in inside + outside {
            let address = try #require(IPAddress(parsing: text))
            #expect(network.contains(address) == inside.contains(text), "\(text)")
        }
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "10.0.0.0/0008",
        "10.0.0.0/ 8", "10/8", "localhost/8", "10.0.0.0/255.0.0.0", "10.0.0.0/99999999999999999999",
    ])
    func noNetworks(text: String) {
        #expect(IPNetwork(parsing: text) == nil)
    }
}
