internal import CGnuTLS

/// Whom to trust, who we are and which algorithms will do: read once, then shared by all connections.
///
/// `@unchecked Sendable`: never changed after `init`, and GnuTLS allows sessions of many threads to read the same
/// credentials (GnuTLS manual, section 6.1.3, "Thread safety").
package final class TLSCredentials: @unchecked Sendable {
    /// PEM files to read.
    package struct Files: Hashable, Sendable {
        /// Authorities to trust; the system's where nil.
        package var authorities: String?
        /// Our certificate, with those in between up to the authority's, where servers want to know who we are.
        package var certificate: String?
        /// The key of ``certificate``; the two come together.
        package var key: String?

        package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    /// TLS 1.3, and of 1.2 the suites that RFC 9113, appendix A does not forbid.
    private static let algorithms =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA"
        + ":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD"

    let certificates: gnutls_certificate_credentials_t
    let priorities: gnutls_priority_t

    /// Reads and checks `files`.
    ///
    /// - Throws: ``TLSError`` for a file that cannot be read or used, a key that is not the certificate's, a certificate
    ///   without a key, or a system without trusted authorities.
    package init(_ files: Files = Files()) throws(TLSError) {
        var certificates: gnutls_certificate_credentials_t?
        var priorities: gnutls_priority_t?
        // GnuTLS initializes itself when it is loaded; this is where a library that could not, says so.
        var result = gnutls_global_init()
        if result >= 0 { result = gnutls_certificate_allocate_credentials(&certificates) }
        if result >= 0 { result = gnutls_priority_init(&priorities, TLSCredentials.algorithms, nil) }
        guard result >= 0, let certificates, let priorities else {
            if let certificates { gnutls_certificate_free_credentials(certificates) }
            throw TLSError("GnuTLS: \(TLSError.describe(result))")
        }
        self.certificates = certificates
        self.priorities = priorities
        try trust(files.authorities)
        switch (files.certificate, files.key) {
        case (nil, nil): break
        case (let certificate?, let key?): try present(certificate, key: key)
        case (_?, nil): throw TLSError("a client certificate needs its key")
        case (nil, _?): throw TLSError("a client key needs its certificate")
        }
    }

    deinit {
        gnutls_certificate_free_credentials(certificates)
        gnutls_priority_deinit(priorities)
    }

    private func trust(_ path: String?) throws(TLSError) {
        guard let path else {
            let count = gnutls_certificate_set_x509_system_trust(certificates)
            guard count > 0 else {
                throw TLSError("the system has no trusted authorities; name a file of them, or install ca-certificates")
            }
            return
        }
        let file = try TLSFile(path)
        let count = file.withDatum { gnutls_certificate_set_x509_trust_mem(certificates, $0, GNUTLS_X509_FMT_PEM) }
        guard count > 0 else { throw TLSError("\(path): no PEM certificates in it") }
    }

    private func present(_ certificatePath: String, key keyPath: String) throws(TLSError) {
        let certificate = try TLSFile(certificatePath)
        let key = try TLSFile(keyPath)
        let result = certificate.withDatum { certificate in
            key.withDatum { key in
                gnutls_certificate_set_x509_key_mem2(certificates, certificate, key, GNUTLS_X509_FMT_PEM, nil, 0)
            }
        }
        guard result < 0 else { return }
        guard result != GNUTLS_E_CERTIFICATE_KEY_MISMATCH else {
            throw TLSError("\(keyPath) is not the key of \(certificatePath)")
        }
        // GnuTLS does not say which of the two it stumbled over.
        guard TLSCredentials.holdsCertificate(certificate) else {
            throw TLSError("\(certificatePath): not a PEM certificate")
        }
        guard result != GNUTLS_E_DECRYPTION_FAILED else {
            throw TLSError("\(keyPath): the key is encrypted; give it without a password")
        }
        throw TLSError("\(keyPath): not a PEM key that can be used: \(TLSError.describe(result))")
    }

    private static func holdsCertificate(_ file: borrowing TLSFile) -> Bool {
        var certificate: gnutls_x509_crt_t?
        guard gnutls_x509_crt_init(&certificate) >= 0 else { return false }
        defer { gnutls_x509_crt_deinit(certificate) }
        return file.withDatum { gnutls_x509_crt_import(certificate, $0, GNUTLS_X509_FMT_PEM) } >= 0
    }
}
