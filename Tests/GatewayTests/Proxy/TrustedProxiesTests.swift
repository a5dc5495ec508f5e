import EventLoop
import Testing

@testable import Gateway

@Suite
struct TrustedProxiesTests {
    @Test
    func lists() throws {
        let proxies = try TrustedProxies(parsing: ["10.0.0.0/8,192.0.2.1", "fd00::/8, unix"])
        let peers = [
            "10.1.1.1": true, "192.0.2.1": true, "fd12::1": true, "11.1.1.1": false, "192.0.2.2": false,
            "fe80::1": false,
        ]
        for (text, isTrusted) in peers {
            let peer = try #require(IPAddress(parsing: text))
            #expect(proxies.contains(peer) == isTrusted)
        }
        #expect(proxies.contains(nil))
        #expect(!proxies.isEmpty)
        #expect(!(try TrustedProxies(parsing: ["10.0.0.0/8"])).contains(nil))
        #expect(!(try TrustedProxies(parsing: ["unix"])).isEmpty)
    }

    @Test
    func noneIsTheDefault() throws {
        #expect(TrustedProxies().isEmpty)
        #expect(!TrustedProxies().contains(nil))
        #expect(try TrustedProxies(parsing: []).isEmpty)
    }

    @Test(arguments: ["", "proxy.example", "10.0.0.0/33", "10.0.0.1:80", "10.0.0.0/8,", "UNIX", "unix:/run/x", "*"])
    func noProxies(text: String) {
        #expect {
            try TrustedProxies(parsing: [text])
        } throws: { error in
            "\(error)".contains("not an IP address")
        }
    }
}
