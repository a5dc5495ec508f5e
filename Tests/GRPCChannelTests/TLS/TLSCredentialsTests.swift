import GRPCChannel
import GatewayTesting
import Testing

/// Files that cannot be used, and what is said about them.
@Suite
struct TLSCredentialsTests {
    private let folder: PEMFolder
    private let authority: TestAuthority
    private let identity: TestIdentity

    init() throws {
        folder = try PEMFolder()
        authority = try TestAuthority()
        identity = try authority.issue(names: ["client"], purpose: .client)
    }

    private func failure(_ files: TLSCredentials.Files) -> String {
        do {
            _ = try TLSCredentials(files)
            return "none"
        } catch {
            return "\(error)".replacing(folder.path + "/", with: "")
        }
    }

    @Test
    func theSystemsAuthorities() throws {
        #expect(failure(TLSCredentials.Files()) == "none")
    }

    @Test
    func aFullSet() throws {
        let files = TLSCredentials.Files(
            authorities: try folder.write("ca.pem", authority.pem + TestAuthority("Second").pem),
            certificate: try folder.write("client.pem", identity.certificate + authority.pem),
            key: try folder.write("client.key", identity.key)
        )
        #expect(failure(files) == "none")
    }

    @Test
    func authorities() throws {
        let missing = folder.path + "/missing.pem"
        #expect(failure(.init(authorities: missing)) == "missing.pem: No such file or directory")
        #expect(failure(.init(authorities: folder.path)) == "\(folder.path): not a regular file")
        for (name, content) in [("empty", ""), ("text", "hello"), ("cut", "-----BEGIN CERTIFICATE-----\nMII")] {
            let path = try folder.write(name, Array(content.utf8))
            #expect(failure(.init(authorities: path)) == "\(name): no PEM certificates in it")
        }
        let key = try folder.write("key", identity.key)
        #expect(failure(.init(authorities: key)) == "key: no PEM certificates in it")
    }

    @Test
    func clientCertificates() throws {
        let certificate = try folder.write("client.pem", identity.certificate)
        let key = try folder.write("client.key", identity.key)
        let other = try folder.write("other.key", authority.issue(names: ["other"]).key)
        let text = try folder.write("text", Array("hello\n".utf8))
        #expect(failure(.init(certificate: certificate)) == "a client certificate needs its key")
        #expect(failure(.init(key: key)) == "a client key needs its certificate")
        #expect(failure(.init(certificate: certificate, key: other)) == "other.key is not the key of client.pem")
        #expect(failure(.init(certificate: text, key: key)) == "text: not a PEM certificate")
        #expect(failure(.init(certificate: key, key: key)) == "client.key: not a PEM certificate")
        #expect(failure(.init(certificate: certificate, key: text)).hasPrefix("text: not a PEM key that can be used: "))
        #expect(
            failure(.init(certificate: certificate, key: folder.path + "/none")) == "none: No such file or directory"
        )
    }
}
