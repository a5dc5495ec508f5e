import Glibc

extension RawHTTPClient {
    /// Connects to `HOST:PORT` or `unix:PATH` and shakes hands.
    package convenience init(
        address: String,
        tls options: TLSClientOptions,
        timeout: Duration = .seconds(10)
    ) throws {
        try self.init(address: address, timeout: timeout)
        try startTLS(options)
    }

    /// The version of TLS, such as `TLS1.3`; nil in clear.
    package var tlsVersion: String? { tls?.version }

    /// What the server has chosen of the protocols that were offered (ALPN).
    package var tlsProtocol: String? { tls?.protocolName }

    /// Whether the session is the one of ``TLSClientOptions/sessionData``.
    package var isResumed: Bool { tls?.isResumed ?? false }

    /// What the server has shown, DER, its own certificate first.
    package var serverCertificates: [[UInt8]] { tls?.certificates ?? [] }

    /// What another connection can resume the session with; with TLS 1.3, once an answer was read.
    package var sessionData: [UInt8] { tls?.sessionData ?? [] }

    /// Whether the server has ended TLS in order (close_notify).
    package var isTLSEndedInOrder: Bool { tls?.isEndedInOrder ?? false }
}
