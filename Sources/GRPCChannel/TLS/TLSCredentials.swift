package import TLSSupport

/// Whom to trust and who we are: read once, then shared by all connections.
package final class TLSCredentials: Sendable {
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

    let certificates: CertificateCredentials

    /// Reads and checks `files`.
    ///
    /// - Throws: ``TLSError`` for a file that cannot be read or used, a key that is not the certificate's, a certificate
    ///   without a key, or a system without trusted authorities.
    package init(_ files: Files = Files()) throws(TLSError) {
        certificates = try CertificateCredentials()
        if let authorities = files.authorities {
            try certificates.trust(authorities)
        } else {
            try certificates.trustSystem()
        }
        switch (files.certificate, files.key) {
        case (nil, nil): break
        case (let certificate?, let key?): try certificates.present(certificate, key: key)
        case (_?, nil): throw TLSError("a client certificate needs its key")
        case (nil, _?): throw TLSError("a client key needs its certificate")
        }
    }
}
