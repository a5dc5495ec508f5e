internal import CGnuTLS
internal import TLSSupport

/// What can go wrong with TLS besides the certificate, in words for an operator.
enum TLSFailure {
    static let noHTTP2 = "the server does not offer HTTP/2 (it did not choose h2 in ALPN)"
    static let noTLS = "the server does not speak TLS on this port"

    /// What the server said when it ended the connection.
    static func describe(alert: gnutls_alert_description_t) -> String {
        switch alert {
        case GNUTLS_A_NO_APPLICATION_PROTOCOL: noHTTP2
        case GNUTLS_A_PROTOCOL_VERSION: noVersion
        case GNUTLS_A_CERTIFICATE_REQUIRED: "the server asks for a client certificate"
        case GNUTLS_A_BAD_CERTIFICATE, GNUTLS_A_UNSUPPORTED_CERTIFICATE, GNUTLS_A_CERTIFICATE_REVOKED,
            GNUTLS_A_CERTIFICATE_EXPIRED, GNUTLS_A_CERTIFICATE_UNKNOWN, GNUTLS_A_UNKNOWN_CA, GNUTLS_A_ACCESS_DENIED:
            "the server refuses our client certificate, or its absence (alert: \(name(of: alert)))"
        case GNUTLS_A_HANDSHAKE_FAILURE, GNUTLS_A_INSUFFICIENT_SECURITY:
            // In TLS 1.2 that is also what many say who miss a client certificate (RFC 5246, section 7.4.6).
            "the server refused the connection: it has no TLS 1.2 or 1.3 with algorithms fit for HTTP/2, or it asks for a "
                + "client certificate (alert: \(name(of: alert)))"
        case GNUTLS_A_UNRECOGNIZED_NAME: "the server does not know the name that it was called by"
        default: "the server refused the connection (alert: \(name(of: alert)))"
        }
    }

    /// One of GnuTLS's codes.
    static func describe(_ code: Int32) -> String {
        switch code {
        case GNUTLS_E_UNSUPPORTED_VERSION_PACKET: noVersion
        default: TLSError.describe(code)
        }
    }

    private static let noVersion = "the server speaks neither TLS 1.2 nor 1.3"

    private static func name(of alert: gnutls_alert_description_t) -> String {
        gnutls_alert_get_name(alert).map { String(cString: $0) } ?? "\(alert.rawValue)"
    }
}
