/// How a test client speaks TLS.
package struct TLSClientOptions: Sendable {
    /// The authority that the server's certificate must come from, PEM; any certificate will do where nil.
    package var authority: [UInt8]?
    /// The name that the certificate must be for.
    package var host = "localhost"
    /// GnuTLS's priority string.
    package var priorities = "NORMAL"
    /// ALPN; nothing is offered where empty.
    package var protocols: [String] = []
    /// What an earlier connection left, see ``RawHTTPClient/sessionData``.
    package var sessionData: [UInt8] = []

    package init(authority: [UInt8]? = nil) {
        self.authority = authority
    }
}
