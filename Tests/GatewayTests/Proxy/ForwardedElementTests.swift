import EventLoop
import Testing

@testable import Gateway

@Suite
struct ForwardedElementTests {
    /// The elements as text, `-` for what is not there.
    private func elements(_ text: String) -> [String]? {
        Array(text.utf8).withUnsafeBytes { ForwardedField.elements(of: $0) }?.map { element in
            let node =
                switch element.node {
                case .address(let address): "\(address)"
                case .hidden: "hidden"
                case nil: "-"
                }
            return "\(node) \(element.isSecure.map { $0 ? "https" : "http" } ?? "-") \(element.host ?? "-")"
        }
    }

    @Test(arguments: [
        // The examples of RFC 7239, section 4.
        (#"for="_gazonk""#, ["hidden - -"]),
        (#"For="[2001:db8:cafe::17]:4711""#, ["2001:db8:cafe::17 - -"]),
        ("for=192.0.2.60;proto=http;by=203.0.113.43", ["192.0.2.60 http -"]),
        ("for=192.0.2.43, for=198.51.100.17", ["192.0.2.43 - -", "198.51.100.17 - -"]),
        (#"for=_hidden, for=_SEVKISEK"#, ["hidden - -", "hidden - -"]),
        (
            #"for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown"#,
            ["192.0.2.43 - -", "2001:db8:cafe::17 - -", "hidden - -"]
        ),
        ("host=example.com;PROTO=HTTPS", ["- https example.com"]),
        (#"host="example.com:8443";for="192.0.2.1:80""#, ["192.0.2.1 - example.com:8443"]),
        (#"for="\1\92.0.2.1""#, ["192.0.2.1 - -"]), (#"ext="a\",;b=c";for=10.0.0.1"#, ["10.0.0.1 - -"]),
        // Empty elements and parameters.
        (", for=10.0.0.1 ,, for=10.0.0.2,", ["10.0.0.1 - -", "10.0.0.2 - -"]), (";for=10.0.0.1;;", ["10.0.0.1 - -"]),
        // What some proxies write.
        ("for=10.0.0.1; proto=https ; host=h", ["10.0.0.1 https h"]),
        ("for=10.0.0.1:80;proto=http", ["10.0.0.1 http -"]),
        ("for=[::1]:80", ["::1 - -"]),
        // Values that are none do not spoil the rest.
        ("for=nobody;proto=https", ["- https -"]), ("for=10.0.0.1;proto=gopher;host=\"a b\"", ["10.0.0.1 - -"]),
        ("proto=https", ["- https -"]), (#"for="""#, ["- - -"]), ("by=10.0.0.1", ["- - -"]),
    ])
    func wellFormed(text: String, expected: [String]) {
        #expect(elements(text) == expected)
    }

    @Test(arguments: [
        "", ",", ";", " ", "for", "for=", "=10.0.0.1", "for =10.0.0.1", "for= 10.0.0.1", #"for="10.0.0.1"#, #"for="a\"#,
        "for=10.0.0.1 proto=http", "for=10.0.0.1;for=10.0.0.2", "For=10.0.0.1;fOR=10.0.0.2", "for=10.0.0.1;proto",
        #"for="10.0.0.1"x"#, "for=10.0.0.1, for", "for=10.0.0.1/8", "10.0.0.1", "for=10.0.0.1\u{0}", "f\u{E9}r=1",
        "for=10.0.0.1,\"", "for={}",
    ])
    func malformed(text: String) {
        #expect(elements(text) == nil)
    }

    /// Random bytes, and bytes that mean something in random order: an answer, never a trap.
    @Test
    func anythingIsAnswered() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "for=", "For", "proto=", "host=", "by=", "\"", "\\", ";", ",", " ", "\t", "=", "[", "]", ":", "::1",
            "10.0.0.1",
            "_x", "unknown", "https", "example.com", "\u{0}", "\u{E9}", "%", "1", "65536", ".", "_",
        ]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...24, using: &generator) {
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    bytes.append(UInt8.random(in: .min ... .max, using: &generator))
                } else {
                    bytes += Array((pieces.randomElement(using: &generator) ?? "").utf8)
                }
            }
            bytes.withUnsafeBytes { bytes in
                let elements = ForwardedField.elements(of: bytes)
                #expect(elements?.isEmpty != true)
                _ = ForwardedNode(bytes)
                let seen = ClientOrigin(peer: IPAddress(parsing: "10.0.0.9"), isSecure: false)
                let proxies = (try? TrustedProxies(parsing: ["10.0.0.0/8", "::1"])) ?? TrustedProxies()
                _ = ForwardedWay.forwarded(bytes, seen, proxies)
                let origin = ForwardedWay.xForwarded(addresses: bytes, schemes: bytes, hosts: bytes, seen, proxies)
                #expect(origin.address != nil)
            }
        }
    }
}
