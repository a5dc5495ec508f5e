internal import Bytes
internal import CNGHTTP2
internal import EventLoop
internal import RPCCore

/// One HTTP/2 connection: a socket, an nghttp2 session between it and the calls' state machines, and nothing else.
///
/// This file has its life, from SETTINGS over GOAWAY to ``close(_:origin:)``; what moves bytes and what moves calls have
/// theirs.
///
/// nghttp2 forbids deleting a session from within its callbacks, and a hook may do anything, so ``close(_:origin:)``
/// ends everything at once but frees the session only when no nghttp2 function is on the stack; until then every
/// callback sees ``isClosed`` and makes nghttp2 stop.
final class HTTP2Connection {
    /// Held until the connection is closed, which the owner sees to.
    private var owner: Subchannel?
    let channel: GRPCChannel
    let upstream: Upstream
    /// As text.
    let peerAddress: String
    var socket: StreamSocket?
    /// Between socket and session, where the target asks for it.
    var tls: TLSSession?
    var session: OpaquePointer?
    private(set) var isClosed = false
    private(set) var isReady = false
    /// GOAWAY was received, or no stream ids are left.
    private(set) var isDraining = false
    /// Whether a call has been answered here or was accepted for an answer, so that the server is one that works.
    var hasServed = false
    /// The socket is full: calls that came now would only pile up in nghttp2's queue, which has no limit.
    var isBlocked = false
    /// Bytes have been written, and HTTP/2's preface with them.
    var isPrefaceSent = false
    /// No call was started since its owner last looked.
    var isUnused = false
    /// When the server's SETTINGS came; for its owner.
    var readySince = Deadline.never
    /// Set where calls may have to be started as soon as nghttp2 is off the stack.
    var wantsWaitingCalls = false
    /// How many nghttp2 functions that call back are on the stack.
    var nesting = 0
    /// Calls that have a stream, also those that have ended and whose stream has not.
    var streams = CallList()
    /// Calls that GOAWAY refused, to be sent again as soon as all of them are known.
    var refused: [ClientCall] = []
    /// How many of them are the connection's own, of ``health``.
    var ownStreams = 0
    /// As many as the server allows, or our configuration.
    private(set) var streamLimit = 0
    /// How many there may be before no call is started: ``streamLimit``, or 0 while ``health`` waits for a stream.
    private var maxConcurrentStreams = 0
    /// Frames on their way to the socket.
    var output = ByteBuffer()
    var fields = RequestFields()
    private(set) var keepalive: KeepaliveMonitor?
    /// Asks the server how it is; once it is ready, and only where that is asked for.
    private(set) var health: HealthMonitor?
    /// How the server broke HTTP/2, as our GOAWAY to it says: nghttp2's own words, nothing that the server sent.
    var breach: String?

    /// Starts connecting; tells `owner` what becomes of it, never before this returns.
    init(to address: SocketAddress, owner: Subchannel) {
        self.owner = owner
        channel = owner.channel
        upstream = owner.upstream
        peerAddress = owner.addressText
        socket = StreamSocket(connectingTo: address, on: owner.channel.loop) { event in
            // A cycle that close() breaks; for why not weakly, see GRPCChannel.
            self.handle(event)
        }
    }

    deinit {
        assert(isClosed && session == nil, "an HTTP2Connection must be closed")
    }

    /// Whether one more call can be started.
    var hasRoom: Bool {
        isReady && !isDraining && !isClosed && !isBlocked && streams.count < maxConcurrentStreams
    }

    /// Whether there are calls of the channel's users.
    var hasCalls: Bool { streams.count > ownStreams }

    /// Whether the server allows one more stream.
    var hasFreeStream: Bool { streams.count < streamLimit }

    /// No call can be started for want of a stream; not where the socket is full.
    var isAtStreamLimit: Bool { streams.count >= maxConcurrentStreams }

    private func handle(_ event: StreamSocket.Event) {
        switch event {
        case .connected: connected()
        case .received(let bytes):
            guard let tls else { return receive(bytes) }
            tls.receive(bytes)
            advance(tls)
        // The next flush goes on from here.
        case .drained: break
        case .closed(let error):
            streamEnded(error.code == UVError.endOfFile ? nil : error.description)
        }
    }

    func openSession() {
        let configuration = channel.configuration
        guard let opened = HTTP2Callbacks.makeSession(for: self) else {
            return close("out of memory", origin: .network)
        }
        session = opened
        let settings = [
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(max(0, configuration.streamWindow))
            ),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: configuration.maxHeaderListBytes)
            ),
        ]
        var result = nghttp2_submit_settings(opened, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        if result == 0 {
            result = nghttp2_session_set_local_window_size(
                opened,
                UInt8(NGHTTP2_FLAG_NONE.rawValue),
                0,
                configuration.connectionWindow
            )
        }
        if result != 0 { close("nghttp2: \(HTTP2Callbacks.describe(result))", origin: .network) }
    }

    /// The server's SETTINGS.
    func settingsReceived() {
        guard let session else { return }
        let limit = nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        streamLimit = min(Int(limit), channel.configuration.maxStreamsPerConnection)
        updateLimit()
        wantsWaitingCalls = true
        guard !isReady else {
            health?.limitChanged()
            return
        }
        isReady = true
        channel.statistics.connections &+= 1
        if let interval = upstream.keepaliveTime {
            keepalive = KeepaliveMonitor(of: self, interval: interval, channel.configuration, loop: channel.loop)
        }
        owner?.connectionIsReady(self)
    }

    /// Keeps calls off while ``health`` waits for a stream, and lets them come again.
    func updateLimit() {
        maxConcurrentStreams = health?.waitsForStream == true ? 0 : streamLimit
    }

    /// Asks the server how it is, and again and again; tells the owner.
    func watchHealth(of service: String) {
        health = HealthMonitor(of: self, service: service)
        health?.ask()
    }

    /// What the server says of itself has changed.
    func healthChanged() {
        owner?.healthChanged(of: self)
    }

    private func stopWatchingHealth() {
        health?.close()
        health = nil
    }

    /// GOAWAY: streams above `lastStream` were not processed.
    ///
    /// A server that goes in order and takes calls along is one that works, answered or not.
    func goAwayReceived(_ code: HTTP2ErrorCode, lastStream: Int32, debug: UnsafeRawBufferPointer) {
        if code == .enhanceYourCalm, debug.equals("too_many_pings"), let keepalive {
            upstream.pingLess(than: keepalive.interval)
        }
        if code == .noError, streams.contains(where: { $0.areHeadersSent && $0.streamID <= lastStream && !$0.isOwn }) {
            hasServed = true
        }
        startDraining()
    }

    /// Asks the server for a sign of life, with the next flush.
    func ping() {
        guard let session else { return }
        nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
    }

    /// Ends the connection, which its owner takes for no new calls any more, once its calls are done.
    func retire() {
        isDraining = true
        stopWatchingHealth()
        // From a callback of nghttp2 it is closed when that is over.
        if nesting == 0 { closeIfOver() }
    }

    /// Takes no more calls; those that have a stream may finish.
    func startDraining() {
        guard !isDraining else { return }
        isDraining = true
        stopWatchingHealth()
        guard isReady else { return close("the upstream refused the connection (GOAWAY)", origin: .network) }
        owner?.connectionIsDraining(self)
    }

    // MARK: - The end

    /// Ends the connection and its calls; idempotent.
    ///
    /// Calls that the server cannot have seen are sent again. What was under way ends with UNAVAILABLE where the
    /// connection was lost, and with INTERNAL, as any malformed answer does, where `origin` is `malformedAnswer`: the
    /// server broke HTTP/2 and we closed the connection for it, so it is no outage and trying again would not help.
    func close(_ reason: String, origin: CallOutcome.Origin) {
        guard !isClosed else { return }
        isClosed = true
        // A server that broke HTTP/2 has been told so by nghttp2.
        if origin != .malformedAnswer { sayGoodbye() }
        keepalive?.close()
        keepalive = nil
        stopWatchingHealth()
        if let tls {
            tls.end()
            writeSealed(tls)
            self.tls = nil
        }
        socket?.close()
        socket = nil
        if nesting == 0 { freeSession() }
        let owner = owner
        self.owner = nil
        owner?.connectionClosed(self, reason: reason)
        sendRefusedAgain()
        while let call = streams.popFirst() {
            call.connection = nil
            guard call.stage == .streaming else { continue }
            if call.retryDelay != nil {
                channel.delay(call)
            } else if !call.areHeadersSent, origin != .cancelled {
                channel.sendAgain(call)
            } else if origin == .malformedAnswer {
                channel.end(call, Status(.internalError, reason), origin)
            } else {
                channel.conclude(call, Status(.unavailable, "connection lost: \(reason)"), origin)
            }
        }
    }

    func freeSession() {
        guard let session else { return }
        self.session = nil
        nghttp2_session_del(session)
    }
}
