import EventLoop
import GRPCChannel
import Testing

@Suite
struct ChannelTargetTests {
    @Test(
        arguments: [
            ("http://localhost:50051", "localhost", 50051, "localhost:50051"),
            ("http://api.example.com/", "api.example.com", 80, "api.example.com"),
            ("http://ml_training:1", "ml_training", 1, "ml_training:1"),
            ("https://api.example.com", "api.example.com", 443, "api.example.com"),
            ("https://api.example.com:8443/", "api.example.com", 8443, "api.example.com:8443"),
        ] as [(String, String, UInt16, String)]
    )
    func names(text: String, host: String, port: UInt16, authority: String) throws {
        let target = try ChannelTarget(text)
        #expect(target.endpoint == .name(host: host, port: port))
        #expect(target.usesTLS == text.hasPrefix("https:"))
        #expect(target.authority == authority)
        #expect(target.description == text)
    }

    @Test(arguments: [
        ("http://127.0.0.1:50051", "127.0.0.1:50051", "127.0.0.1:50051"),
        ("http://[::1]:443", "[::1]:443", "[::1]:443"), ("http://[::1]", "[::1]:80", "[::1]"),
        ("https://[::1]", "[::1]:443", "[::1]"), ("https://127.0.0.1", "127.0.0.1:443", "127.0.0.1"),
        ("unix:/run/ml.sock", "unix:/run/ml.sock", "localhost"), ("unix:rel.sock", "unix:rel.sock", "localhost"),
    ])
    func addresses(text: String, address: String, authority: String) throws {
        let target = try ChannelTarget(text)
        guard case .addresses(let list) = target.endpoint, let parsed = list.first, list.count == 1 else {
            Issue.record("not an address: \(target.endpoint)")
            return
        }
        #expect(parsed.description == address)
        #expect(target.authority == authority)
    }

    @Test(arguments: [
        ("", "expected http://HOST:PORT"), ("localhost:50051", "expected http://HOST:PORT"),
        ("https://", "the host is missing"), ("https://h/path", "only a host and a port may follow https://"),
        ("HTTPS://h", "expected http://HOST:PORT, https://HOST:PORT or unix:PATH"), ("http://", "the host is missing"),
        ("http://:80", "the host is missing"), ("http://h:", "the port must be"), ("http://h:0", "the port must be"),
        ("http://h:65536", "the port must be"), ("http://h:+1", "only a host"), ("http://h:a", "the port must be"),
        ("http://h/path", "only a host"),
        ("http://user@h", "only a host"), ("http://h:1:2", "the port must be"), ("http://[::1", "a ] is missing"),
        ("http://[h]:1x", "the port must be"), ("http://[::g]:1", "is not an IPv6 address"), ("unix:", "the path must"),
        ("http://h?x", "only a host"), ("http://a b", "only a host"),
    ])
    func mistakesAreNamed(text: String, part: String) {
        do {
            let target = try ChannelTarget(text)
            Issue.record("accepted: \(target)")
        } catch {
            #expect(error.description.contains(part))
            #expect(error.description.hasPrefix("upstream \"\(text)\": "))
        }
    }

    @Test(arguments: ["h", "api.example.com", "api.example.com:443", "[::1]:1", "127.0.0.1", "ml_training"])
    func authorities(text: String) throws {
        try ChannelTarget.checkAuthority(text)
    }

    @Test(arguments: [
        ("", "the host is missing"), ("a b", "only letters"), ("h/", "only letters"), ("u@h", "only letters"),
        ("h:", "the port must be"), ("h:99999", "the port must be"), ("[x:y]", "x:y is not an IPv6 address"),
        ("https://h", "only letters"), ("h\r\nx: y", "only letters"),
    ])
    func wrongAuthorities(text: String, part: String) {
        let error = #expect(throws: ChannelTargetError.self) { try ChannelTarget.checkAuthority(text) }
        #expect(error?.description.hasPrefix("authority \"\(text)\": \(part)") == true)
    }
}
