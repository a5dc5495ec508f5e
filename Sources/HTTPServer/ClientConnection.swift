internal import CMicroHTTPD
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
    private(set) var phase = Phase.idle
    /// The watch's count of ticks when the phase began.
    private(set) var since: UInt32
    /// No request has come yet, so that its time began with the connection.
    private(set) var isNew = true
    /// Bytes of the body that have come.
    var bodyCount = 0
    /// What it was when the client's bytes were last seen to wait in the kernel, see ``isStuck()``.
    private var unreadBodyCount: Int?
    /// The socket was asked since the last answer whether the client has ended its side.
    var isProbed = false
    /// The request in progress, which libmicrohttpd holds.
    private(set) unowned(unsafe) var exchange: Exchange?
    /// Place in the ``ConnectionWatch``.
    var index = 0

    init(_ connection: OpaquePointer, tick: UInt32) {
        self.connection = connection
        since = tick
    }

    /// The request line has come.
    func begin(_ exchange: Exchange, tick: UInt32) {
        self.exchange = exchange
        phase = .header
        if !isNew { since = tick }
        isNew = false
    }

    func enter(_ phase: Phase, tick: UInt32) {
        self.phase = phase
        since = tick
        bodyCount = 0
        unreadBodyCount = nil
    }

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

    /// Whether there is more of the body that libmicrohttpd has not read since this was last asked.
    ///
    /// Once is not enough: the bytes may have come a moment ago.
    func isStuck() -> Bool {
        var byte: UInt8 = 0
        guard recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0 else {
            unreadBodyCount = nil
            return false
        }
        defer { unreadBodyCount = bodyCount }
        return unreadBodyCount == bodyCount
    }

    /// Has libmicrohttpd find the connection ended when it next looks, and close it.
    ///
    /// It is waiting for input, of which there is an event when the socket is shut down. One that was suspended before
    /// is not watched for events until all of its input has been read, for which its memory may have no room; that one
    /// is closed by its timeout (0.9.75, `resume_suspended_connections` and `MHD_connection_epoll_update_`).
    func shutDown() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        gateway_mhd_set_timeout(connection, 1)
    }
}
