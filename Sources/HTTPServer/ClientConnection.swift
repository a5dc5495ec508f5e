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

    init(_ connection: OpaquePointer, tls: TLSConnection?, tick: UInt32) {
        self.connection = connection
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
        bodyCount = 0
    }

    /// Counts so many ticks for the time since the phase began, as their length has changed.
    func setAge(_ age: UInt32, tick: UInt32) {
        since = tick &- age
    }

    /// The request is over.
    func end(tick: UInt32) {
        exchange = nil
        isProbed = false
        enter(.idle, tick: tick)
    }

    var descriptor: Int32 { gateway_mhd_connection_fd(connection) }

    /// Whether the client has ended its side of the connection, and all it had sent before was read.
    var isEndedByClient: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
    }

    /// Whether there are bytes that libmicrohttpd has not read.
    var hasUnreadInput: Bool {
        if let tls, tls.hasUnreadInput { return true }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    /// Sends the last bytes of the connection past libmicrohttpd, as far as the socket takes them.
    func sendLast(_ bytes: UnsafeRawBufferPointer) {
        if let tls {
            tls.send(bytes)
        } else {
            _ = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
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
    /// It is waiting for input, of which there is an event when the socket is shut down.
    func shutDown() {
        tls?.sayGoodbye()
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
