internal import CGnuTLS

/// Why a server's certificate was not accepted, in words for an operator.
///
/// Says names of the certificate and nothing else of it; those were made by whoever runs the server, so they are cut and
/// cleaned.
struct CertificateVerdict {
    /// Most names that are listed.
    private static let maxNames = 5

    /// `GNUTLS_CERT_…` bits.
    let status: UInt32
    let isSelfSigned: Bool
    /// The DNS names and addresses that the certificate is for.
    let names: [String]

    /// The verdict on the certificate that the server of `session` has shown.
    init(status: UInt32, of session: gnutls_session_t) {
        self.status = status
        var names: [String] = []
        var isSelfSigned = false
        CertificateVerdict.withCertificate(of: session) { certificate, isAlone in
            isSelfSigned = isAlone && gnutls_x509_crt_check_issuer(certificate, certificate) != 0
            names = CertificateVerdict.names(of: certificate)
        }
        self.names = names
        self.isSelfSigned = isSelfSigned
    }

    /// The certificate of `host` in one clause.
    func describe(host: String) -> String {
        "the certificate of \(host) \(reason)"
    }

    private func has(_ flag: gnutls_certificate_status_t) -> Bool { status & flag.rawValue != 0 }

    /// The one reason that an operator should look at first.
    private var reason: String {
        if has(GNUTLS_CERT_EXPIRED) { return "has expired" }
        if has(GNUTLS_CERT_NOT_ACTIVATED) { return "is not valid yet" }
        if has(GNUTLS_CERT_REVOKED) { return "was revoked" }
        if has(GNUTLS_CERT_SIGNER_NOT_FOUND) {
            return isSelfSigned ? "is self-signed and not trusted" : "is not signed by a trusted authority"
        }
        if has(GNUTLS_CERT_SIGNER_NOT_CA) { return "is signed by one that is not an authority's" }
        if has(GNUTLS_CERT_SIGNATURE_FAILURE) { return "has a signature that is wrong" }
        if has(GNUTLS_CERT_INSECURE_ALGORITHM) { return "is signed with an algorithm that is not secure" }
        if has(GNUTLS_CERT_UNEXPECTED_OWNER) {
            return names.isEmpty
                ? "is for another host (it has no names)"
                : "is for another host (its names: \(names.joined(separator: ", ")))"
        }
        if has(GNUTLS_CERT_PURPOSE_MISMATCH) { return "is not for servers" }
        if has(GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE) { return "is not one that its authority may sign" }
        return "is not valid"
    }

    /// Whether the server of `session` has shown a certificate that is for DNS names at all (RFC 5280, section 4.2.1.6).
    static func hasDNSName(_ session: gnutls_session_t) -> Bool {
        var hasName = false
        withCertificate(of: session) { certificate, _ in
            forEachName(of: certificate) { _, type in
                hasName = type == GNUTLS_SAN_DNSNAME.rawValue
                return !hasName
            }
        }
        return hasName
    }

    private static func withCertificate(of session: gnutls_session_t, _ body: (gnutls_x509_crt_t, Bool) -> Void) {
        var count: UInt32 = 0
        guard let list = gnutls_certificate_get_peers(session, &count), count > 0 else { return }
        var certificate: gnutls_x509_crt_t?
        guard gnutls_x509_crt_init(&certificate) >= 0, let certificate else { return }
        defer { gnutls_x509_crt_deinit(certificate) }
        guard gnutls_x509_crt_import(certificate, list, GNUTLS_X509_FMT_DER) >= 0 else { return }
        body(certificate, count == 1)
    }

    private static func names(of certificate: gnutls_x509_crt_t) -> [String] {
        var names: [String] = []
        forEachName(of: certificate) { bytes, type in
            guard let name = text(of: bytes, type: type) else { return true }
            names.append(names.count < maxNames ? name : "…")
            return names.count <= maxNames
        }
        return names
    }

    /// Gives `body` each subject alternative name and its type, for as long as it asks for more.
    private static func forEachName(
        of certificate: gnutls_x509_crt_t,
        _ body: (Slice<UnsafeMutableRawBufferPointer>, UInt32) -> Bool
    ) {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { room in
            var index: UInt32 = 0
            while true {
                var size = room.count
                let type = gnutls_x509_crt_get_subject_alt_name(certificate, index, room.baseAddress, &size, nil)
                index += 1
                // One that is longer than any name may be is passed over.
                if type == GNUTLS_E_SHORT_MEMORY_BUFFER { continue }
                guard type >= 0, size <= room.count, body(room.prefix(size), UInt32(type)) else { return }
            }
        }
    }

    private static func text(of bytes: Slice<UnsafeMutableRawBufferPointer>, type: UInt32) -> String? {
        switch type {
        case GNUTLS_SAN_DNSNAME.rawValue:
            let clean = bytes.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
            return String(decoding: clean, as: UTF8.self)
        case GNUTLS_SAN_IPADDRESS.rawValue where bytes.count == 4:
            return bytes.map(String.init).joined(separator: ".")
        case GNUTLS_SAN_IPADDRESS.rawValue where bytes.count == 16:
            let start = bytes.startIndex
            return stride(from: start, to: start + 16, by: 2)
                .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                .joined(separator: ":")
        default:
            return nil
        }
    }
}
