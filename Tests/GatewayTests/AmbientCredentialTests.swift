import Testing

@testable import Gateway

@Suite
struct AmbientCredentialTests {
    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8080", true), ("app.localhost:1", true), ("127.0.0.1", true),
        ("127.9.8.7:65535", true), ("[::1]", true), ("[::1]:8080", true),
        ("", false), ("example.com", false), ("localhost.example.com", false), ("127.0.0.1.example.com", false),
        ("example.com:127", false), ("127.0.0", false), ("127.0.0.256", false), ("128.0.0.1", false), ("[::2]", false),
        ("[::1", false), ("localhost:x", false), ("notlocalhost", false), ("[::1].example.com", false),
        ("localhost:1@example.com", false), ("0.0.0.0", false),
    ])
    func loopbackHosts(host: String, isLoopback: Bool) {
        let result = Array(host.utf8).withUnsafeBytes { AmbientCredential.isLoopback($0) }
        #expect(result == isLoopback)
    }
}
