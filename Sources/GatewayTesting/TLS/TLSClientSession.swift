internal import CGnuTLS
import Glibc

/// The TLS of a test client, over a blocking socket.
///
/// Owns its C objects (lifetime rule a). For one thread at a time.
final class TLSClientSession {
    private let session: gnutls_session_t
    private let credentials: gnutls_certificate_credentials_t
    /// GnuTLS keeps the pointer.
    private let host: UnsafeMutablePointer<CChar>?
    /// Whether the server has said that nothing follows (close_notify).
    private(set) var isEndedInOrder = false

    /// Shakes hands with the server that the socket `descriptor` is connected to.
    init(_ descriptor: Int32, _ options: TLSClientOptions) throws(TLSClientError) {
        var session: gnutls_session_t?
        var credentials: gnutls_certificate_credentials_t?
        gnutls_certificate_allocate_credentials(&credentials)
        gnutls_init(&session, GNUTLS_CLIENT.rawValue | GNUTLS_NO_SIGNAL.rawValue)
        guard let session, let credentials else { throw .failed("out of memory") }
        self.session = session
        self.credentials = credentials
        host = strdup(options.host)
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials))
        guard gnutls_priority_set_direct(session, options.priorities, nil) >= 0 else { throw .failed("priorities") }
        gnutls_server_name_set(session, GNUTLS_NAME_DNS, options.host, options.host.utf8.count)
        if let authority = options.authority {
            let count = TLSClientSession.withDatum(authority) {
                gnutls_certificate_set_x509_trust_mem(credentials, $0, GNUTLS_X509_FMT_PEM)
            }
            guard count > 0 else { throw .failed("authority") }
            gnutls_session_set_verify_cert(session, host, 0)
        }
        for name in options.protocols.prefix(1) {
            _ = TLSClientSession.withDatum(Array(name.utf8)) { gnutls_alpn_set_protocols(session, $0, 1, 0) }
        }
        if !options.sessionData.isEmpty {
            gnutls_session_set_data(session, options.sessionData, options.sessionData.count)
        }
        gnutls_transport_set_int2(session, descriptor, descriptor)
        gnutls_handshake_set_timeout(session, 10_000)
        try shakeHands()
    }

    deinit {
        gnutls_deinit(session)
        gnutls_certificate_free_credentials(credentials)
        free(host)
    }

    private func shakeHands() throws(TLSClientError) {
        var result: Int32
        repeat { result = gnutls_handshake(session) } while result < 0 && gnutls_error_is_fatal(result) == 0
        guard result < 0 else { return }
        if result == GNUTLS_E_FATAL_ALERT_RECEIVED, let name = gnutls_alert_get_name(gnutls_alert_get(session)) {
            throw .alert(String(cString: name))
        }
        gnutls_alert_send_appropriate(session, result)
        throw .failed(String(cString: gnutls_strerror(result)))
    }

    private static func withDatum(_ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Int32) -> Int32 {
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { buffer in
            withUnsafePointer(to: gnutls_datum_t(data: buffer.baseAddress, size: UInt32(buffer.count)), body)
        }
    }

    // MARK: Bytes

    /// As `send(2)`, with `errno` EPIPE for any failure.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = gnutls_record_send(session, bytes.baseAddress, bytes.count)
        if count < 0 { errno = gnutls_error_is_fatal(Int32(clamping: count)) == 0 ? EINTR : EPIPE }
        return count
    }

    /// As `recv(2)`, with `errno` ECONNRESET for any failure, a connection that ends without close_notify among them.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = gnutls_record_recv(session, buffer.baseAddress, buffer.count)
        if count == 0 { isEndedInOrder = true }
        if count < 0 { errno = gnutls_error_is_fatal(Int32(clamping: count)) == 0 ? EINTR : ECONNRESET }
        return count
    }

    /// Whether bytes can be had without waiting for the socket.
    var hasInput: Bool { gnutls_record_check_pending(session) > 0 }

    /// Says that nothing follows.
    func end() {
        gnutls_bye(session, GNUTLS_SHUT_WR)
    }

    // MARK: What came of the handshake

    var version: String { String(cString: gnutls_protocol_get_name(gnutls_protocol_get_version(session))) }

    var isResumed: Bool { gnutls_session_is_resumed(session) != 0 }

    /// What the server has chosen of the protocols offered.
    var protocolName: String? {
        var name = gnutls_datum_t()
        guard gnutls_alpn_get_selected_protocol(session, &name) >= 0, let start = name.data else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(name.size)), as: UTF8.self)
    }

    /// The server's certificates, DER, its own first.
    var certificates: [[UInt8]] {
        var count: UInt32 = 0
        guard let list = gnutls_certificate_get_peers(session, &count) else { return [] }
        return UnsafeBufferPointer(start: list, count: Int(count)).map {
            Array(UnsafeBufferPointer(start: $0.data, count: Int($0.size)))
        }
    }

    var sessionData: [UInt8] {
        var data = gnutls_datum_t()
        guard gnutls_session_get_data2(session, &data) >= 0 else { return [] }
        defer { cgnutls_free(data.data) }
        return Array(UnsafeBufferPointer(start: data.data, count: Int(data.size)))
    }
}
