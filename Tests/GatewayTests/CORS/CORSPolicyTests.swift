import Testing

@testable import Gateway

@Suite
struct CORSPolicyTests {
    private func policy(_ origins: String..., credentials: Bool = false) throws(GatewayError) -> CORSPolicy {
        try CORSPolicy(origins: origins, allowsCredentials: credentials, maxAge: 600, metadata: ExposedMetadata())
    }

    private func allows(_ policy: CORSPolicy, _ origin: String) -> Bool {
        Array(origin.utf8).withUnsafeBytes { policy.isAllowed($0) }
    }

    @Test
    func anyOriginOrTheseOrNone() throws {
        let any = try policy("https://a.example", "*")
        #expect(allows(any, "https://b.example") && allows(any, "null"))
        #expect(any.vary == [])
        let these = try policy("https://a.example", "https://*.b.example", credentials: true)
        #expect(allows(these, "https://a.example") && allows(these, "https://x.b.example"))
        #expect(!allows(these, "https://b.example") && !allows(these, "*") && !allows(these, "null"))
        #expect(these.vary == .origin)
        #expect(!allows(CORSPolicy(), "https://a.example"))
        #expect(CORSPolicy().vary == [])
        #expect(try policy().vary == [])
    }

    @Test
    func credentialsAreForNamedOrigins() {
        #expect(throws: GatewayError.self) { try policy("*", credentials: true) }
        #expect(throws: GatewayError.self) { try policy("https://a.example", "*", credentials: true) }
        #expect(throws: GatewayError.self) { try policy(credentials: true) }
    }
}
