internal import CGnuTLS
import Glibc

/// What all connections of a front share: options, certificate and the key of its session tickets.
///
/// `@unchecked Sendable`: not changed after `init`. Owns its C objects (lifetime rule a).
final class TLSFrontCredentials: @unchecked Sendable {
    let options: TLSFrontOptions
    private let certificates: gnutls_certificate_credentials_t
    private var ticketKey = gnutls_datum_t()

    init(_ options: TLSFrontOptions) throws(SystemError) {
        self.options = options
        var certificates: gnutls_certificate_credentials_t?
        gnutls_certificate_allocate_credentials(&certificates)
        guard let certificates else { throw SystemError("TLS credentials", code: ENOMEM) }
        self.certificates = certificates
        guard gnutls_session_ticket_key_generate(&ticketKey) >= 0 else {
            throw SystemError("TLS ticket key", code: ENOMEM)
        }
        let result = TLSFrontCredentials.withDatum(options.identity.certificate) { certificate in
            TLSFrontCredentials.withDatum(options.identity.key) { key in
                gnutls_certificate_set_x509_key_mem2(certificates, certificate, key, GNUTLS_X509_FMT_PEM, nil, 0)
            }
        }
        guard result >= 0 else { throw SystemError("TLS identity", code: EINVAL) }
        guard let authority = options.clientAuthority else { return }
        let count = TLSFrontCredentials.withDatum(authority) {
            gnutls_certificate_set_x509_trust_mem(certificates, $0, GNUTLS_X509_FMT_PEM)
        }
        guard count > 0 else { throw SystemError("TLS client authority", code: EINVAL) }
    }

    deinit {
        gnutls_certificate_free_credentials(certificates)
        cgnutls_free(ticketKey.data)
    }

    /// A server's session over `descriptor`; the caller frees it.
    func makeSession(_ descriptor: Int32) -> gnutls_session_t? {
        var session: gnutls_session_t?
        guard gnutls_init(&session, GNUTLS_SERVER.rawValue | GNUTLS_NO_SIGNAL.rawValue) >= 0, let session else {
            return nil
        }
        gnutls_priority_set_direct(session, options.priorities, nil)
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(certificates))
        if options.sendsTickets { gnutls_session_ticket_enable_server(session, &ticketKey) }
        switch options.clientCertificate {
        case .ignored: break
        case .requested: gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST)
        case .required: gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE)
        }
        if options.clientAuthority != nil { gnutls_session_set_verify_cert(session, nil, 0) }
        for name in options.protocols.prefix(1) {
            _ = TLSFrontCredentials.withDatum(Array(name.utf8)) { gnutls_alpn_set_protocols(session, $0, 1, 0) }
        }
        gnutls_transport_set_int2(session, descriptor, descriptor)
        return session
    }

    private static func withDatum(_ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Int32) -> Int32 {
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { buffer in
            withUnsafePointer(to: gnutls_datum_t(data: buffer.baseAddress, size: UInt32(buffer.count)), body)
        }
    }
}
