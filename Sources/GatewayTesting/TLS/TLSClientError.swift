/// Why a test client has no TLS connection.
package enum TLSClientError: Error, Hashable {
    /// The server's alert, in GnuTLS's words.
    case alert(String)
    /// Anything else, in GnuTLS's words.
    case failed(String)
}
