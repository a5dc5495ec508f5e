internal import CGnuTLS

/// What the TLS connections to one server have in common: credentials, its name, and a ticket to resume with.
///
/// Belongs to one channel and its thread.
final class TLSClient {
    let credentials: TLSCredentials
    let server: TLSServerName
    /// What the newest connection left for the next one; taken when used, as RFC 8446, appendix C.4 wants it.
    private var resumption: [UInt8]?

    init(_ credentials: TLSCredentials, authority: String) {
        self.credentials = credentials
        server = TLSServerName(authority: authority)
    }

    /// A session that has not said anything yet; nil without memory.
    func makeSession() -> TLSSession? {
        TLSSession(self)
    }

    func takeResumption() -> [UInt8]? {
        defer { resumption = nil }
        return resumption
    }

    /// Keeps what `session` can be resumed with, in place of anything older.
    func keepResumption(of session: gnutls_session_t) {
        var data = gnutls_datum_t()
        guard gnutls_session_get_data2(session, &data) >= 0 else { return }
        resumption = Array(UnsafeBufferPointer(start: data.data, count: Int(data.size)))
        cgnutls_free(data.data)
    }
}
