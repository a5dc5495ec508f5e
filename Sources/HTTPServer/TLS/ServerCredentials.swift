internal import CGnuTLS
internal import Glibc
package import TLSSupport

/// A server's certificate and key: read once, then shared by all workers.
///
/// Connections keep those that they began with, so that a server may be given others at any time.
///
/// `@unchecked Sendable`: never changed after `init`, and GnuTLS allows sessions of many threads to read the same
/// credentials (GnuTLS manual, section 6.1.3, "Thread safety").
package final class ServerCredentials: @unchecked Sendable {
    private let owner: CertificateCredentials
    /// What session tickets are sealed with.
    ///
    /// New credentials have a new one, so no session outlives its certificate.
    private var ticketKey = gnutls_datum_t()
    private let certificatePath: String

    /// Reads the PEM files of a certificate, with those in between that follow it, and of its key.
    ///
    /// - Throws: ``TLSError`` for a file that cannot be read or used, or a key that is not the certificate's.
    package init(certificate: String, key: String) throws(TLSError) {
        owner = try CertificateCredentials()
        certificatePath = certificate
        try owner.present(certificate, key: key)
        let result = gnutls_session_ticket_key_generate(&ticketKey)
        guard result >= 0 else { throw TLSError("GnuTLS: \(TLSError.describe(result))") }
    }

    deinit {
        if let key = ticketKey.data {
            explicit_bzero(key, Int(ticketKey.size))
            cgnutls_free(key)
        }
    }

    /// What an operator should know of the certificate, nil for nothing: that clients will not take it as of today.
    package var warning: String? {
        guard let validity = owner.validity else { return nil }
        let now = time(nil)
        if now > validity.upperBound { return "\(certificatePath): the certificate has expired" }
        if now < validity.lowerBound { return "\(certificatePath): the certificate is not valid yet" }
        return nil
    }

    /// Has `session` be served with these credentials, which must live until it is freed.
    ///
    /// They take the place of libmicrohttpd's own, which are empty: where memory is short, the handshake fails.
    func equip(_ session: gnutls_session_t) {
        _ = owner.equip(session)
        gnutls_session_ticket_enable_server(session, &ticketKey)
    }
}
