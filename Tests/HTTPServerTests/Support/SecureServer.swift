import GatewayTesting
import HTTPServer

/// A ``RunningServer`` that speaks HTTPS, and the authority that its clients trust.
final class SecureServer {
    let server: RunningServer
    let authority: TestAuthority
    private let folder: PEMFolder

    init(
        _ configure: @escaping @Sendable (inout HTTPServer.Configuration) -> Void = { _ in },
        handler: @escaping RunningServer.Handler
    ) throws {
        let authority = try TestAuthority()
        let folder = try PEMFolder()
        let credentials = try SecureServer.credentials(from: authority, in: folder)
        self.authority = authority
        self.folder = folder
        server = try RunningServer(
            {
                $0.tls = credentials
                configure(&$0)
            },
            handler: handler
        )
    }

    /// One that answers with what it was asked.
    convenience init(_ configure: @escaping @Sendable (inout HTTPServer.Configuration) -> Void = { _ in }) throws {
        try self.init(configure) { exchange, writer, _ in writer.send(text: exchange.summary) }
    }

    /// Credentials for `localhost` with a key of their own.
    func makeCredentials() throws -> ServerCredentials {
        try SecureServer.credentials(from: authority, in: folder)
    }

    private static func credentials(from authority: TestAuthority, in folder: PEMFolder) throws -> ServerCredentials {
        let identity = try authority.issue(names: ["localhost"])
        return try ServerCredentials(
            certificate: folder.write("server.pem", identity.certificate + authority.pem),
            key: folder.write("server.key", identity.key)
        )
    }

    /// A client that has shaken hands and trusts the authority.
    func client(
        timeout: Duration = .seconds(10),
        _ configure: (inout TLSClientOptions) -> Void = { _ in }
    ) throws -> RawHTTPClient {
        var options = TLSClientOptions(authority: authority.pem)
        configure(&options)
        return try RawHTTPClient(address: server.address, tls: options, timeout: timeout)
    }
}
