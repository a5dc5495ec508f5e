internal import CMicroHTTPD
internal import EventLoop
internal import Glibc

/// One connection: what it is doing and since when, for ``ConnectionWatch``.
///
/// Held by libmicrohttpd from the moment it has accepted the connection until it has closed it (rule (b)).
final class ClientConnection {
    enum Phase {
        /// The next request line has not come.
        case idle
        /// The rest of the header block has not come.
        case header
        /// The rest of the body has not come.
        case body
        /// It is the server's turn.
        case busy
    }

    let connection: OpaquePointer
    /// Where it comes from; nil for a unix-domain socket.
    let peer: IPAddress?
    /// In the ``ConnectionLedger``; nil where connections are not counted.
    let place: ConnectionLedger.Place?
    private(set) var phase = Phase.idle
    /// The watch's count of ticks when the phase began.
    private(set) var since: UInt32
    /// No request has come yet, so that its time began with the connection.
    private(set) var isNew = true
    /// Bytes of the body that have come.
    var bodyCount = 0
    /// Bytes of header blocks that are whole, and of bodies.
    private(set) var usedCount = 0
    /// What it was when the client's bytes were last seen to wait in the kernel, see ``isStuck()``.
    private var unreadBodyCount: Int?
    /// The socket was asked since the last answer whether the client has ended its side.
    var isProbed = false
    /// Looks of a draining server at which nothing was under way, or, if ``isEnding``, since it was ended.
    var quietLooks = 0
    /// The client has been sent the end of the connection, so no request is taken any more.
    private(set) var isEnding = false
    /// The request in progress, which libmicrohttpd holds.
    private(set) unowned(unsafe) var exchange: Exchange?
    /// Place in the ``ConnectionWatch``.
    var index = 0
    /// Nil where the connection is in clear.
    let tls: TLSConnection?

    init(
        _ connection: OpaquePointer,
        peer: IPAddress?,
        place: ConnectionLedger.Place?,
        tls: TLSConnection?,
        tick: UInt32
    ) {
        self.connection = connection
        self.peer = peer
        self.place = place
        self.tls = tls
        since = tick
    }

    /// The request line has come.
    func begin(_ exchange: Exchange, tick: UInt32) {
        self.exchange = exchange
        phase = .header
        if !isNew { since = tick }
        isNew = false
        if !isEnding { quietLooks = 0 }
    }

    func enter(_ phase: Phase, tick: UInt32) {
        self.phase = phase
        since = tick
        usedCount &+= bodyCount
        bodyCount = 0
        unreadBodyCount = nil
    }

    /// Counts so many ticks for the time since the phase began, as their length has changed.
    func setAge(_ age: UInt32, tick: UInt32) {
        since = tick &- age
    }
    /// A header block of `size` bytes is there.
    func take(header size: Int) { usedCount &+= size }

    /// The request is over.
    func end(tick: UInt32) {
        exchange = nil
        isProbed = false
        enter(.idle, tick: tick)
    }

    var descriptor: Int32 { gateway_mhd_connection_fd(connection) }

    /// Whether the client has ended its side of the connection, and all it had sent before was read, or has reset it.
    var isEndedByClient: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// What libmicrohttpd's memory holds of a header block that is not whole, or a little more; nil where it cannot be told,
    /// as of a unix-domain socket, or with TLS.
    var partialHeaderSize: Int? {
        guard tls == nil else { return nil }
        // Of `struct tcp_info`, tcp(7), `tcpi_bytes_received`: linux/tcp.h.
        let offset = 128
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { info in
            var size = socklen_t(info.count)
            var unread: Int32 = 0
            guard let start = info.baseAddress,
                getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, start, &size) == 0,
                Int(size) >= offset + MemoryLayout<UInt64>.size,
                ioctl(descriptor, UInt(FIONREAD), &unread) == 0
            else { return nil }
            let received = Int(truncatingIfNeeded: info.load(fromByteOffset: offset, as: UInt64.self))
            // Between requests there are no fields, and what libmicrohttpd has of the last one's is freed memory where it is
            // about to close the connection.
            let fields = phase == .header ? Int(gateway_mhd_value_count(connection)) : 0
            return received &- Int(unread) &- usedCount &+ 64 * fields
        }
    }

    /// Whether there are bytes that libmicrohttpd has not read.
    var hasUnreadInput: Bool {
        if let tls, tls.hasUnreadInput { return true }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    /// Whether there is more of the body that libmicrohttpd has not read since this was last asked.
    ///
    /// Once is not enough: the bytes may have come a moment ago.
    func isStuck() -> Bool {
        guard hasUnreadInput else {
            unreadBodyCount = nil
            return false
        }
        defer { unreadBodyCount = bodyCount }
        return unreadBodyCount == bodyCount
    }

    /// Sends the last bytes of the connection past libmicrohttpd, as far as the socket takes them.
    func sendLast(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else { return LastAnswer.send(bytes, to: descriptor) }
        tls.send(bytes)
        // Whatever libmicrohttpd might want to say itself must not follow.
        endSending()
    }

    /// Sends the client the end of the connection, and waits for that of the client.
    func beginEnding() {
        isEnding = true
        quietLooks = 0
        endSending()
    }

    private func endSending() {
        tls?.sayGoodbye()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Has libmicrohttpd find the connection ended when it next looks, and close it.
    ///
    /// It is waiting for input, of which there is an event when the socket is shut down. One that was suspended before
    /// is not watched for events until all of its input has been read, for which its memory may have no room; that one
    /// is closed by its timeout (0.9.75, `resume_suspended_connections` and `MHD_connection_epoll_update_`).
    func shutDown() {
        tls?.sayGoodbye()
        shutdown(descriptor, Int32(SHUT_RDWR))
        gateway_mhd_set_timeout(connection, 1)
    }
}
