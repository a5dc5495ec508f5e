import EventLoop
import Testing

@testable import Gateway

/// Trusted here are 10.0.0.0/8, fd00::/8 and unix sockets; the peer is 10.0.0.1 where nothing else is said.
@Suite
struct ForwardedWayTests {
    private let trusted: TrustedProxies

    init() throws {
        trusted = try TrustedProxies(parsing: ["10.0.0.0/8", "fd00::/8", "unix"])
    }

    private func forwarded(_ text: String, peer: String? = "10.0.0.1") -> ClientOrigin? {
        let seen = ClientOrigin(peer: peer.flatMap { IPAddress(parsing: $0) }, isSecure: false)
        return Array(text.utf8).withUnsafeBytes { ForwardedWay.forwarded($0, seen, trusted) }
    }

    private func xForwarded(
        _ addresses: String,
        _ schemes: String = "",
        _ hosts: String = "",
        peer: String? = "10.0.0.1"
    ) -> ClientOrigin {
        let seen = ClientOrigin(peer: peer.flatMap { IPAddress(parsing: $0) }, isSecure: false)
        return Array(addresses.utf8).withUnsafeBytes { addresses in
            Array(schemes.utf8).withUnsafeBytes { schemes in
                Array(hosts.utf8).withUnsafeBytes { hosts in
                    ForwardedWay.xForwarded(addresses: addresses, schemes: schemes, hosts: hosts, seen, trusted)
                }
            }
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1, 10.0.0.1"),
        // What stands before the client is its own word.
        ("1.1.1.1, 192.0.2.1", "192.0.2.1", "192.0.2.1, 10.0.0.1"),
        ("10.9.9.9, 192.0.2.1", "192.0.2.1", "192.0.2.1, 10.0.0.1"),
        ("1.1.1.1, 192.0.2.1, 10.0.0.2", "192.0.2.1", "192.0.2.1, 10.0.0.2, 10.0.0.1"),
        ("2001:db8::1, fd00::1,10.0.0.2", "2001:db8::1", "2001:db8::1, fd00::1, 10.0.0.2, 10.0.0.1"),
        ("[2001:db8::1]:99", "2001:db8::1", "2001:db8::1, 10.0.0.1"),
        ("192.0.2.1:80", "192.0.2.1", "192.0.2.1, 10.0.0.1"),
        // All of them trusted: the first one asked.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3", "10.0.0.3, 10.0.0.2, 10.0.0.1"),
        // Where the way cannot be followed, the last one known asked.
        ("192.0.2.1, nonsense", "10.0.0.1", "10.0.0.1"), ("192.0.2.1, , 10.0.0.2", "10.0.0.2", "10.0.0.2, 10.0.0.1"),
        ("192.0.2.1, unknown, 10.0.0.2", "10.0.0.2", "10.0.0.2, 10.0.0.1"), ("_hidden", "10.0.0.1", "10.0.0.1"),
        ("", "10.0.0.1", "10.0.0.1"), (",", "10.0.0.1", "10.0.0.1"), ("192.0.2.1,", "10.0.0.1", "10.0.0.1"),
        ("192.0.2.1 10.0.0.2", "10.0.0.1", "10.0.0.1"),
    ])
    func theClientIsTheLastThatIsNotTrusted(list: String, client: String, way: String) {
        let origin = xForwarded(list)
        #expect(origin.addressText == client)
        #expect(origin.way == way)
        // The other spelling says the same.
        let elements = list.split(separator: ",", omittingEmptySubsequences: false).map { node in
            #"for="\#(node.trimming { $0 == " " })""#
        }
        #expect(forwarded(elements.joined(separator: ","))?.way == way)
    }

    @Test
    func aUnixSocketHasNoAddress() {
        #expect(xForwarded("192.0.2.1, 10.0.0.2", peer: nil).way == "192.0.2.1, 10.0.0.2")
        #expect(xForwarded("unknown", peer: nil).way == "unknown")
        #expect(forwarded("for=192.0.2.1", peer: nil)?.way == "192.0.2.1")
    }

    @Test
    func theWayHasAnEnd() {
        let list = (0..<1000).map { "10.1.\($0 / 256).\($0 % 256)" }.joined(separator: ",")
        let origin = xForwarded("192.0.2.1," + list)
        #expect(origin.proxies.count == ForwardedWay.maximumHops)
        #expect(origin.addressText == "10.1.3.200")
    }

    @Test(arguments: [
        // One value is the word of the peer.
        ("192.0.2.1", "https", "a.example", true, "a.example"),
        ("192.0.2.1, 10.0.0.2", "https", "a.example:8443", true, "a.example:8443"),
        ("", "https", "a.example", true, "a.example"),
        // One for each address: that of the client.
        ("1.1.1.1, 192.0.2.1, 10.0.0.2", "http, https, http", "x, a.example, y", true, "a.example"),
        // Any other number: the last.
        ("192.0.2.1", "http, https", "x, a.example", true, "a.example"),
        // Nothing that makes sense.
        ("192.0.2.1", "gopher", "a b", false, nil), ("192.0.2.1", "", "", false, nil),
        ("192.0.2.1", "HTTP", "[::1]:8080", false, "[::1]:8080"), ("192.0.2.1", "https,", "a,", false, nil),
    ])
    func schemeAndHost(addresses: String, schemes: String, hosts: String, isSecure: Bool, host: String?) {
        let origin = xForwarded(addresses, schemes, hosts)
        #expect(origin.isSecure == isSecure)
        #expect(origin.host == host)
    }

    @Test(arguments: [
        ("for=192.0.2.1;proto=https;host=a.example", true, "a.example"),
        ("for=1.1.1.1;proto=http;host=x, for=192.0.2.1;proto=https;host=a.example", true, "a.example"),
        ("for=192.0.2.1;proto=https;host=a.example, for=10.0.0.2;proto=http;host=y", true, "a.example"),
        // A proxy that hides its client still is trusted to say what it asked for.
        ("for=_x;proto=https;host=a.example, for=10.0.0.2;proto=http", true, "a.example"),
        ("proto=https", true, nil), ("for=192.0.2.1", false, nil),
    ])
    func schemeAndHostOfTheElement(field: String, isSecure: Bool, host: String?) throws {
        let origin = try #require(forwarded(field))
        #expect(origin.isSecure == isSecure)
        #expect(origin.host == host)
    }

    @Test(arguments: ["", "nonsense", "for=1.1.1.1;for=2.2.2.2", #"for="192.0.2.1"#])
    func malformedFieldsSayNothing(field: String) {
        #expect(forwarded(field) == nil)
    }
}

extension StringProtocol {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> String {
        String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
