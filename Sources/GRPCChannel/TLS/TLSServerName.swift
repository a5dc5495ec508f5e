internal import CGnuTLS
internal import EventLoop

/// Whom the server has to prove to be: what SNI says and what its certificate must be for.
///
/// Owns the C form of that, which GnuTLS reads in place for as long as a session lives.
final class TLSServerName {
    /// A DNS name without a final dot, or an IP address.
    let text: String
    let isAddress: Bool
    /// What a certificate must fit, as `gnutls_certificate_verify_peers` takes it.
    let demands: UnsafeMutableBufferPointer<gnutls_typed_vdata_st>
    private let name: UnsafeMutableBufferPointer<UInt8>
    private let purpose: UnsafeMutableBufferPointer<UInt8>

    /// The host of `authority`, `HOST[:PORT]`.
    init(authority: String) {
        let host = ChannelTarget.host(of: authority)
        let address = SocketAddress(literal: host, port: 0)?.hostBytes
        text = address == nil && host.hasSuffix(".") ? String(host.dropLast()) : host
        isAddress = address != nil
        // An address goes as its bytes, which fit its iPAddress alone and no dNSName that looks like it.
        name = TLSServerName.copy(address ?? Array(text.utf8) + [0])
        purpose = TLSServerName.copy(Array(GNUTLS_KP_TLS_WWW_SERVER.utf8) + [0])
        demands = .allocate(capacity: 2)
        let type = isAddress ? GNUTLS_DT_IP_ADDRESS : GNUTLS_DT_DNS_HOSTNAME
        let size = isAddress ? name.count : name.count - 1
        demands.initializeElement(
            at: 0,
            to: gnutls_typed_vdata_st(type: type, data: name.baseAddress, size: UInt32(size))
        )
        demands.initializeElement(
            at: 1,
            to: gnutls_typed_vdata_st(
                type: GNUTLS_DT_KEY_PURPOSE_OID,
                data: purpose.baseAddress,
                size: UInt32(purpose.count - 1)
            )
        )
    }

    deinit {
        demands.deallocate()
        name.deallocate()
        purpose.deallocate()
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = memory.initialize(fromContentsOf: bytes)
        return memory
    }
}
