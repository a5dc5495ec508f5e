import GatewayTesting
import Testing

/// One way for TLS to an upstream to fail; no call gets through.
struct TLSFault: Sendable, CustomTestStringConvertible {
    enum Server: Sendable {
        /// Ends TLS with a certificate and options of this kind.
        case tls(@Sendable (TestAuthority) throws -> TLSFrontOptions)
        /// HTTP/2 without TLS.
        case plain
    }

    let name: String
    let view: ClientView
    /// What the error's message says.
    let words: String
    var scheme = "https"
    let server: Server

    var testDescription: String { name }
}

extension TLSFault {
    private static let address: [UInt8] = [127, 0, 0, 1]

    static let all: [TLSFault] = [
        certificate("expired", "the certificate of 127.0.0.1 has expired") {
            try $0.issue(addresses: [address], validity: .expired)
        },
        certificate("not yet valid", "the certificate of 127.0.0.1 is not valid yet") {
            try $0.issue(addresses: [address], validity: .notYet)
        },
        certificate("of another host", "127.0.0.1") { try $0.issue(names: ["ml.test"], addresses: [[127, 0, 0, 2]]) },
        certificate("self-signed", "the certificate of 127.0.0.1 is self-signed and not trusted") { _ in
            try TestAuthority.selfSigned(addresses: [address])
        },
        certificate("of an unknown authority", "the certificate of 127.0.0.1 is not signed by a trusted authority") {
            _ in
            try TestAuthority("Another CA").issue(addresses: [address])
        },
        certificate("for clients only", "certificate of 127.0.0.1") {
            try $0.issue(addresses: [address], purpose: .client)
        },
        server("the server knows no ALPN", "h2") { $0.protocols = [] },
        server("the server speaks HTTP/1.1 alone (ALPN)", "h2") { $0.protocols = ["http/1.1"] },
        server("the server speaks TLS 1.1 alone", "TLS") { $0.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT" },
        server("the server wants a certificate that the gateway has not", "certificate") {
            $0.clientCertificate = .required
        },
        server("the server hangs up in the handshake", "TLS") { $0.misconduct = .closesInHandshake },
        TLSFault(
            name: "the server is silent in the handshake",
            view: .noConnectionInTime,
            words: "connecting",
            server: options { $0.misconduct = .stallsInHandshake }
        ),
        TLSFault(name: "no TLS at an `https://` upstream", view: .unavailable, words: "TLS", server: .plain),
        TLSFault(
            name: "TLS at an `http://` upstream",
            view: .unavailable,
            words: "upstream http://",
            scheme: "http",
            server: options { _ in }
        ),
    ]

    private static func certificate(
        _ kind: String,
        _ words: String,
        _ issue: @escaping @Sendable (TestAuthority) throws -> TestIdentity
    ) -> TLSFault {
        let server = Server.tls { TLSFrontOptions(try issue($0)) }
        return TLSFault(name: "certificate \(kind)", view: .unavailable, words: words, server: server)
    }

    private static func server(
        _ name: String,
        _ words: String,
        _ configure: @escaping @Sendable (inout TLSFrontOptions) -> Void
    ) -> TLSFault {
        TLSFault(name: name, view: .unavailable, words: words, server: options(configure))
    }

    private static func options(_ configure: @escaping @Sendable (inout TLSFrontOptions) -> Void) -> Server {
        .tls { authority in
            var options = TLSFrontOptions(try authority.issue(addresses: [address]))
            configure(&options)
            return options
        }
    }
}
