/// How a ``TLSFront`` treats its clients.
package struct TLSFrontOptions: Sendable {
    package enum ClientCertificate: Sendable {
        case ignored, requested, required
    }

    package enum Misconduct: Sendable, Equatable {
        /// Reads the ClientHello and closes.
        case closesInHandshake
        /// Reads the ClientHello and never answers.
        case stallsInHandshake
        /// Asks for new keys each time that this many bytes were sent (TLS 1.3).
        case updatesKeys(every: Int)
        /// Asks for a renegotiation after the first bytes were sent (TLS 1.2).
        case renegotiates
        /// Ends connections without close_notify.
        case endsWithoutNotice
    }

    package var identity: TestIdentity
    /// GnuTLS's priority string.
    package var priorities = "NORMAL"
    /// The ALPN protocols; empty for a server that knows nothing of ALPN.
    package var protocols = ["h2"]
    package var clientCertificate = ClientCertificate.ignored
    /// Who must have signed the clients' certificates, PEM.
    package var clientAuthority: [UInt8]?
    package var sendsTickets = true
    package var misconduct: Misconduct?

    package init(_ identity: TestIdentity) {
        self.identity = identity
    }
}
