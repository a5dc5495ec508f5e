import Testing

@testable import Gateway

@Suite
struct CORSOriginTests {
    @Test(arguments: [
        ("https://app.example.com", "https://app.example.com", true),
        ("https://App.Example.COM", "https://app.example.com", true),
        ("https://app.example.com:443", "https://app.example.com", true),
        ("http://app.example.com:80", "http://app.example.com", true),
        ("http://localhost:3000", "http://localhost:3000", true),
        ("http://[::1]:3000", "http://[::1]:3000", true),
        ("capacitor://localhost", "capacitor://localhost", true),
        ("https://app.example.com", "https://APP.example.com", false),
        ("https://app.example.com", "http://app.example.com", false),
        ("https://app.example.com", "https://app.example.com:444", false),
        ("https://app.example.com", "https://app.example.com:443", false),
        ("https://app.example.com", "https://app.example.com/", false),
        ("https://app.example.com", "https://app.example.com.evil.net", false),
        ("https://app.example.com", "https://app.example.com, https://evil.net", false),
        ("https://app.example.com", "null", false), ("https://app.example.com", "", false),
        ("https://*.example.com", "https://a.example.com", true),
        ("https://*.example.com", "https://a.b.example.com", true),
        ("http://*.localhost:3000", "http://app.localhost:3000", true),
        ("https://*.a1.2b", "https://x.a1.2b", true),
        ("https://*.example.com", "https://x-1_y.example.com", true),
        ("https://*.EXAMPLE.com:8443", "https://a.example.com:8443", true),
        ("https://*.example.com:443", "https://a.example.com", true),
        ("https://*.example.com", "https://example.com", false),
        ("https://*.example.com", "https://.example.com", false),
        ("https://*.example.com", "https://a..example.com", false),
        ("https://*.example.com", "https://.a.example.com", false),
        ("https://*.example.com", "https://A.example.com", false),
        ("https://*.example.com", "https://evilexample.com", false),
        ("https://*.example.com", "https://a.example.com:8443", false),
        ("https://*.example.com:8443", "https://a.example.com", false),
        ("https://*.example.com", "http://a.example.com", false),
        ("https://*.example.com", "https://evil.net/.example.com", false),
        ("https://*.example.com", "https://evil.net#.example.com", false),
        ("https://*.example.com", "https://evil.net:80.example.com", false),
        ("https://*.example.com", "https://user@a.example.com", false),
        ("https://*.example.com", "https://evil.net\\.example.com", false),
        ("https://*.example.com", "https://*.example.com", false),
        ("https://*.example.com", "https://a.example.com.evil.net", false),
    ])
    func matches(pattern: String, origin: String, expected: Bool) throws {
        let pattern = try CORSOrigin(pattern)
        #expect(Array(origin.utf8).withUnsafeBytes { pattern.matches($0) } == expected)
    }

    @Test
    func anOriginWithoutEndMatchesNothing() throws {
        let pattern = try CORSOrigin("https://*.example.com")
        let origin = "https://" + String(repeating: "a.", count: 200) + "example.com"
        #expect(!Array(origin.utf8).withUnsafeBytes { pattern.matches($0) })
    }

    @Test(arguments: [
        "", "null", "example.com", "https://", "https://*", "https://*.", "https://.example.com",
        "https://example.com/", "https://example.com/app", "https://example.com?x", "https://example.com#x",
        "https://user@example.com", "https://a.*.example.com", "https://*example.com", "https://example.*",
        "https://example.com:0", "https://example.com:65536", "https://example.com:", "https://example.com:x",
        "https://example.com:080", "https://exa mple.com", "https://b\u{FC}cher.example", "://example.com",
        "1x://example.com", "https://example..com", "https://[::1", "https://[]:80", "*.example.com",
        "https://example.com,https://example.org",
        // Anybody can have a sub-domain of these, and addresses have none.
        "https://*.com", "https://*.COM:8443", "https://*.internal", "https://*.0.0.1", "https://*.127.0.0.1",
        "https://*.[::1]", "https://*.[::ffff:1.2.3.4]",
    ])
    func refuses(pattern: String) {
        #expect(throws: GatewayError.self) { try CORSOrigin(pattern) }
    }
}
