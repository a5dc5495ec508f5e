internal import CGnuTLS
import Glibc

/// A certificate authority that signs whatever a test wants, on keys that it makes itself (ECDSA, P-256).
///
/// Owns its certificate and key (lifetime rule a). For one thread.
package final class TestAuthority {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// When a certificate holds.
    package enum Validity: Sendable {
        case now, expired, notYet

        var seconds: (from: Int, to: Int) {
            let now = time(nil)
            let day = 86_400
            return switch self {
            case .now: (now - day, now + day)
            case .expired: (now - 2 * day, now - day)
            case .notYet: (now + day, now + 2 * day)
            }
        }
    }

    package enum Purpose: Sendable {
        case server, client
    }

    /// The certificate, PEM.
    package let pem: [UInt8]
    private let certificate: gnutls_x509_crt_t
    private let key: gnutls_x509_privkey_t

    package init(_ name: String = "Test CA") throws(Failure) {
        key = try TestAuthority.makeKey()
        do throws(Failure) {
            certificate = try TestAuthority.makeCertificate(of: key, name: name, validity: .now)
            try TestAuthority.check(gnutls_x509_crt_set_basic_constraints(certificate, 1, -1))
            try TestAuthority.check(
                gnutls_x509_crt_set_key_usage(certificate, UInt32(GNUTLS_KEY_KEY_CERT_SIGN))
            )
            try TestAuthority.check(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0))
            pem = try TestAuthority.export(certificate)
        } catch {
            gnutls_x509_privkey_deinit(key)
            throw error
        }
    }

    deinit {
        gnutls_x509_crt_deinit(certificate)
        gnutls_x509_privkey_deinit(key)
    }

    /// A certificate that this authority has signed; `addresses` are IPv4 or IPv6 addresses as their bytes.
    package func issue(
        names: [String] = [],
        addresses: [[UInt8]] = [],
        validity: Validity = .now,
        purpose: Purpose = .server
    ) throws(Failure) -> TestIdentity {
        try TestAuthority.issue(names, addresses, validity, purpose, by: (certificate, key))
    }

    /// A certificate for the given names that no authority has signed.
    package static func selfSigned(names: [String] = [], addresses: [[UInt8]] = []) throws(Failure) -> TestIdentity {
        try issue(names, addresses, .now, .server, by: nil)
    }

    private static func issue(
        _ names: [String],
        _ addresses: [[UInt8]],
        _ validity: Validity,
        _ purpose: Purpose,
        by issuer: (certificate: gnutls_x509_crt_t, key: gnutls_x509_privkey_t)?
    ) throws(Failure) -> TestIdentity {
        let key = try makeKey()
        defer { gnutls_x509_privkey_deinit(key) }
        let certificate = try makeCertificate(of: key, name: names.first ?? "test", validity: validity)
        defer { gnutls_x509_crt_deinit(certificate) }
        for name in names { try add(Array(name.utf8), GNUTLS_SAN_DNSNAME, to: certificate) }
        for address in addresses { try add(address, GNUTLS_SAN_IPADDRESS, to: certificate) }
        try check(gnutls_x509_crt_set_basic_constraints(certificate, 0, -1))
        try check(gnutls_x509_crt_set_key_usage(certificate, UInt32(GNUTLS_KEY_DIGITAL_SIGNATURE)))
        let oid = purpose == .server ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT
        try check(gnutls_x509_crt_set_key_purpose_oid(certificate, oid, 0))
        try check(
            gnutls_x509_crt_sign2(
                certificate,
                issuer?.certificate ?? certificate,
                issuer?.key ?? key,
                GNUTLS_DIG_SHA256,
                0
            )
        )
        var pem = gnutls_datum_t()
        try check(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, nil, GNUTLS_PKCS_PLAIN.rawValue, &pem))
        return TestIdentity(certificate: try export(certificate), key: take(pem))
    }

    private static func add(
        _ name: [UInt8],
        _ type: gnutls_x509_subject_alt_name_t,
        to certificate: gnutls_x509_crt_t
    ) throws(Failure) {
        let flags = UInt32(GNUTLS_FSAN_APPEND)
        try check(gnutls_x509_crt_set_subject_alt_name(certificate, type, name, UInt32(name.count), flags))
    }

    private static func makeKey() throws(Failure) -> gnutls_x509_privkey_t {
        var key: gnutls_x509_privkey_t?
        try check(gnutls_x509_privkey_init(&key))
        guard let key else { throw Failure(description: "no key") }
        let result = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, 256, 0)
        if result < 0 { gnutls_x509_privkey_deinit(key) }
        try check(result)
        return key
    }

    /// An unsigned certificate of `key`.
    private static func makeCertificate(
        of key: gnutls_x509_privkey_t,
        name: String,
        validity: Validity
    ) throws(Failure) -> gnutls_x509_crt_t {
        var certificate: gnutls_x509_crt_t?
        try check(gnutls_x509_crt_init(&certificate))
        guard let certificate else { throw Failure(description: "no certificate") }
        let period = validity.seconds
        let serial = (0..<8).map { _ in UInt8.random(in: 1...127) }
        let results = [
            gnutls_x509_crt_set_version(certificate, 3),
            gnutls_x509_crt_set_serial(certificate, serial, serial.count),
            gnutls_x509_crt_set_dn(certificate, "CN=\(name)", nil),
            gnutls_x509_crt_set_activation_time(certificate, period.from),
            gnutls_x509_crt_set_expiration_time(certificate, period.to),
            gnutls_x509_crt_set_key(certificate, key),
        ]
        if results.contains(where: { $0 < 0 }) { gnutls_x509_crt_deinit(certificate) }
        for result in results { try check(result) }
        return certificate
    }

    private static func export(_ certificate: gnutls_x509_crt_t) throws(Failure) -> [UInt8] {
        var pem = gnutls_datum_t()
        try check(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem))
        return take(pem)
    }

    private static func take(_ datum: gnutls_datum_t) -> [UInt8] {
        defer { cgnutls_free(datum.data) }
        return Array(UnsafeBufferPointer(start: datum.data, count: Int(datum.size)))
    }

    private static func check(_ result: Int32) throws(Failure) {
        if result < 0 { throw Failure(description: String(cString: gnutls_strerror(result))) }
    }
}
