package import CGnuTLS

/// GnuTLS's certificate credentials: whom to trust, and who we are; filled from PEM files, then shared.
///
/// Owns the C object and frees it in `deinit` (lifetime rule a).
///
/// `@unchecked Sendable`: not to be changed once it is shared, and GnuTLS allows sessions of many threads to read the
/// same credentials (GnuTLS manual, section 6.1.3, "Thread safety").
package final class CertificateCredentials: @unchecked Sendable {
    /// TLS 1.3, and of 1.2 the suites with forward secrecy and authenticated encryption: those that RFC 9113, appendix A
    /// does not forbid.
    private static let algorithms =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA"
        + ":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD"

    private let raw: gnutls_certificate_credentials_t
    private let priorities: gnutls_priority_t

    package init() throws(TLSError) {
        var raw: gnutls_certificate_credentials_t?
        var priorities: gnutls_priority_t?
        // GnuTLS initializes itself when it is loaded; this is where a library that could not, says so.
        var result = gnutls_global_init()
        if result >= 0 { result = gnutls_certificate_allocate_credentials(&raw) }
        if result >= 0 { result = gnutls_priority_init(&priorities, CertificateCredentials.algorithms, nil) }
        guard result >= 0, let raw, let priorities else {
            if let raw { gnutls_certificate_free_credentials(raw) }
            throw TLSError("GnuTLS: \(TLSError.describe(result))")
        }
        self.raw = raw
        self.priorities = priorities
    }

    deinit {
        gnutls_certificate_free_credentials(raw)
        gnutls_priority_deinit(priorities)
    }

    /// Gives `session` these credentials, which must live until it is freed, and our choice of algorithms.
    ///
    /// Credentials that it has already are replaced.
    ///
    /// - Returns: false without memory.
    package func equip(_ session: gnutls_session_t) -> Bool {
        gnutls_priority_set(session, priorities) >= 0
            && gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(raw)) >= 0
    }

    /// Trusts the authorities in the file at `path`.
    package func trust(_ path: String) throws(TLSError) {
        let file = try TLSFile(path)
        let count = file.withDatum { gnutls_certificate_set_x509_trust_mem(raw, $0, GNUTLS_X509_FMT_PEM) }
        guard count > 0 else { throw TLSError("\(path): no PEM certificates in it") }
    }

    /// Trusts the authorities that the system does.
    package func trustSystem() throws(TLSError) {
        let count = gnutls_certificate_set_x509_system_trust(raw)
        guard count > 0 else {
            throw TLSError("the system has no trusted authorities; name a file of them, or install ca-certificates")
        }
    }

    /// Shows peers the certificate in a file, with those in between that follow it, whose key is in another.
    package func present(_ certificatePath: String, key keyPath: String) throws(TLSError) {
        let certificate = try TLSFile(certificatePath)
        let key = try TLSFile(keyPath)
        let result = certificate.withDatum { certificate in
            key.withDatum { key in
                gnutls_certificate_set_x509_key_mem2(raw, certificate, key, GNUTLS_X509_FMT_PEM, nil, 0)
            }
        }
        guard result < 0 else { return }
        guard result != GNUTLS_E_CERTIFICATE_KEY_MISMATCH else {
            throw TLSError("\(keyPath) is not the key of \(certificatePath)")
        }
        // GnuTLS does not say which of the two it stumbled over.
        guard CertificateCredentials.holdsCertificate(certificate) else {
            throw TLSError("\(certificatePath): not a PEM certificate")
        }
        guard result != GNUTLS_E_DECRYPTION_FAILED else {
            throw TLSError("\(keyPath): the key is encrypted; give it without a password")
        }
        throw TLSError("\(keyPath): not a PEM key that can be used: \(TLSError.describe(result))")
    }

    /// When the certificate that ``present(_:key:)`` has set begins and ceases to hold, in seconds since 1970; nil
    /// without one.
    package var validity: ClosedRange<Int>? {
        var der = gnutls_datum_t()
        guard gnutls_certificate_get_crt_raw(raw, 0, 0, &der) >= 0 else { return nil }
        var certificate: gnutls_x509_crt_t?
        guard gnutls_x509_crt_init(&certificate) >= 0 else { return nil }
        defer { gnutls_x509_crt_deinit(certificate) }
        guard gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0 else { return nil }
        let (from, to) = (
            gnutls_x509_crt_get_activation_time(certificate), gnutls_x509_crt_get_expiration_time(certificate)
        )
        return from <= to ? from...to : nil
    }

    private static func holdsCertificate(_ file: borrowing TLSFile) -> Bool {
        var certificate: gnutls_x509_crt_t?
        guard gnutls_x509_crt_init(&certificate) >= 0 else { return false }
        defer { gnutls_x509_crt_deinit(certificate) }
        return file.withDatum { gnutls_x509_crt_import(certificate, $0, GNUTLS_X509_FMT_PEM) } >= 0
    }
}
