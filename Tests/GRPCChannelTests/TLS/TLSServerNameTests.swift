import Testing

@testable import GRPCChannel

@Suite
struct TLSServerNameTests {
    @Test(
        arguments: [
            ("api.viam.com", "api.viam.com", false), ("api.viam.com:443", "api.viam.com", false),
            ("api.viam.com.:8443", "api.viam.com", false), ("127.0.0.1:443", "127.0.0.1", true),
            ("[::1]:443", "::1", true), ("[2001:db8::1]", "2001:db8::1", true), ("localhost", "localhost", false),
        ] as [(String, String, Bool)]
    )
    func names(authority: String, text: String, isAddress: Bool) {
        let name = TLSServerName(authority: authority)
        #expect(name.text == text)
        #expect(name.isAddress == isAddress)
    }
}
