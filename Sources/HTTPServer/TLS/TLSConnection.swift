internal import CGnuTLS
internal import CMicroHTTPD
internal import EventLoop
internal import Glibc

/// The TLS of one connection: what is done with its session past libmicrohttpd, which owns it.
///
/// Held by its ``ClientConnection``. GnuTLS calls back with it unretained, on the stack of libmicrohttpd's calls and of
/// those below, all of which come before the connection's end is told (lifetime rule a).
final class TLSConnection {
    /// libmicrohttpd's.
    let connection: OpaquePointer
    let descriptor: Int32
    private let session: gnutls_session_t
    private let credentials: ServerCredentials
    private unowned let handshakes: Handshakes
    /// Whether the client's part of the handshake has come.
    private(set) var isEstablished = false
    /// libmicrohttpd is about to free the connection.
    private(set) var hasEnded = false
    /// The version that the client's first message is written in, which is all that tells of TLS before 1.2.
    private var helloVersion: UInt16?
    /// Waits for the client's next message of the handshake; belongs to ``Handshakes``.
    var watcher: DescriptorWatcher?

    /// Prepares the session of a connection that was just accepted.
    init?(_ connection: OpaquePointer, _ credentials: ServerCredentials, _ handshakes: Handshakes) {
        guard let session = gateway_mhd_tls_session(connection) else { return nil }
        self.connection = connection
        self.session = OpaquePointer(session)
        self.credentials = credentials
        self.handshakes = handshakes
        descriptor = gateway_mhd_connection_fd(connection)
        credentials.equip(self.session)
        offerProtocol()
        attach()
    }

    /// HTTP/1.1 is all there is; a client that insists on something else is refused (RFC 7301, section 3.2).
    private func offerProtocol() {
        "http/1.1".withCString { name in
            name.withMemoryRebound(to: UInt8.self, capacity: 8) { bytes in
                var name = gnutls_datum_t(data: UnsafeMutablePointer(mutating: bytes), size: 8)
                gnutls_alpn_set_protocols(session, &name, 1, GNUTLS_ALPN_MANDATORY.rawValue)
            }
        }
    }

    private func attach() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        gnutls_transport_set_ptr2(session, context, UnsafeMutableRawPointer(bitPattern: Int(descriptor)))
        gnutls_transport_set_pull_function(session) { context, target, count in
            guard let context, let target else { return -1 }
            return Unmanaged<TLSConnection>.fromOpaque(context).takeUnretainedValue().pull(into: target, count)
        }
        let any = UInt32.max
        gnutls_handshake_set_hook_function(session, any, GNUTLS_HOOK_BOTH) { session, type, when, isIncoming, message in
            guard isIncoming != 0, let context = gnutls_transport_get_ptr(session) else { return 0 }
            let owner = Unmanaged<TLSConnection>.fromOpaque(context).takeUnretainedValue()
            if type == GNUTLS_HANDSHAKE_CLIENT_HELLO.rawValue, when == UInt32(GNUTLS_HOOK_PRE), let message {
                owner.receiveHello(message.pointee)
            } else if type == GNUTLS_HANDSHAKE_FINISHED.rawValue, when == UInt32(GNUTLS_HOOK_POST) {
                owner.isEstablished = true
            }
            return 0
        }
    }

    // MARK: What GnuTLS asks for

    /// Reads what the client has sent; as `recv(2)`.
    private func pull(into target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        let received = recv(descriptor, target, count, 0)
        let error = received < 0 ? errno : 0
        if !isEstablished { handshakes.hasRead(self, isStarved: error == EAGAIN) }
        // What was called in between may have changed it.
        if error != 0 { gnutls_transport_set_errno(session, error) }
        return received
    }

    /// Notes `legacy_version`, the first two bytes (RFC 8446, section 4.1.2).
    private func receiveHello(_ message: gnutls_datum_t) {
        guard message.size >= 2, let bytes = message.data else { return }
        helloVersion = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    // MARK: What the server does

    /// Tells the client why there will be no connection, as far as that can be known: GnuTLS leaves it to its caller, and
    /// libmicrohttpd does not.
    func refuseHandshake() {
        // Of someone who does not speak TLS, there is no message.
        guard !isEstablished, let helloVersion else { return }
        let alert = helloVersion < 0x0303 ? GNUTLS_A_PROTOCOL_VERSION : GNUTLS_A_HANDSHAKE_FAILURE
        gnutls_alert_send(session, GNUTLS_AL_FATAL, alert)
    }

    /// Sends `bytes` as far as the socket takes them.
    func send(_ bytes: UnsafeRawBufferPointer) {
        guard isEstablished else { return }
        var rest = bytes
        while !rest.isEmpty {
            // A record at a time, of at most 16 KiB.
            let count = gnutls_record_send(session, rest.baseAddress, rest.count)
            guard count > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Says that nothing follows (close_notify, RFC 8446, section 6.1).
    func sayGoodbye() {
        if isEstablished { gnutls_bye(session, GNUTLS_SHUT_WR) }
    }

    /// Whether there is input that GnuTLS has read and libmicrohttpd has not.
    var hasUnreadInput: Bool { gnutls_record_check_pending(session) > 0 }

    /// The connection ends; its session is freed right after this.
    func end() {
        hasEnded = true
        handshakes.retire(credentials)
    }
}
