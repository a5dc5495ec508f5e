import GatewayTesting
import HTTPServer
import Testing

/// Files that make a server's credentials, and what is said about those that do not.
@Suite
struct ServerCredentialsTests {
    private let folder: PEMFolder
    private let authority: TestAuthority

    init() throws {
        folder = try PEMFolder()
        authority = try TestAuthority()
    }

    private func failure(_ certificate: String, _ key: String) -> String {
        do {
            _ = try ServerCredentials(certificate: certificate, key: key)
            return "none"
        } catch {
            return "\(error)".replacing(folder.path + "/", with: "")
        }
    }

    @Test
    func badFiles() throws {
        let identity = try authority.issue(names: ["server"])
        let certificate = try folder.write("server.pem", identity.certificate)
        let chain = try folder.write("chain.pem", identity.certificate + authority.pem)
        let key = try folder.write("server.key", identity.key)
        let other = try folder.write("other.key", authority.issue(names: ["other"]).key)
        let text = try folder.write("text", Array("hello\n".utf8))
        #expect(failure(certificate, key) == "none")
        #expect(failure(chain, key) == "none")
        #expect(failure(certificate, other) == "other.key is not the key of server.pem")
        #expect(failure(text, key) == "text: not a PEM certificate")
        #expect(failure(key, key) == "server.key: not a PEM certificate")
        #expect(failure(certificate, text).hasPrefix("text: not a PEM key that can be used: "))
        #expect(failure(certificate, folder.path + "/none") == "none: No such file or directory")
    }

    @Test(arguments: [
        (TestAuthority.Validity.now, nil), (.expired, "the certificate has expired"),
        (.notYet, "the certificate is not valid yet"),
    ])
    func warnings(_ validity: TestAuthority.Validity, _ expected: String?) throws {
        let identity = try authority.issue(names: ["server"], validity: validity)
        let credentials = try ServerCredentials(
            certificate: folder.write("server.pem", identity.certificate),
            key: folder.write("server.key", identity.key)
        )
        #expect(credentials.warning == expected.map { "\(folder.path)/server.pem: \($0)" })
    }
}
