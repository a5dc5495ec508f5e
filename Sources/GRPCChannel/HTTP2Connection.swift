internal import Bytes
internal import CNGHTTP2
internal import EventLoop
internal import RPCCore

/// One HTTP/2 connection: a socket, an nghttp2 session between it and the calls' state machines, and nothing else.
///
/// nghttp2 forbids deleting a session from within its callbacks, and a hook may do anything, so ``close(_:origin:)``
/// ends everything at once but frees the session only when no nghttp2 function is on the stack; until then every
/// callback sees ``isClosed`` and makes nghttp2 stop.
final class HTTP2Connection {
    /// Held until the connection is closed, which the owner sees to.
    private var owner: Subchannel?
    let channel: GRPCChannel
    let upstream: Upstream
    var socket: StreamSocket?
    /// Between socket and session, where the target asks for it.
    var tls: TLSSession?
    private var session: OpaquePointer?
    private(set) var isClosed = false
    private(set) var isReady = false
    /// GOAWAY was received, or no stream ids are left.
    private(set) var isDraining = false
    /// Whether a call has been answered here or was accepted for an answer, so that the server is one that works.
    private(set) var hasServed = false
    /// The socket is full: calls that came now would only pile up in nghttp2's queue, which has no limit.
    private var isBlocked = false
    /// No call was started since its owner last looked.
    var isUnused = false
    /// When the server's SETTINGS came; for its owner.
    var readySince = Deadline.never
    /// Set where calls may have to be started as soon as nghttp2 is off the stack.
    var wantsWaitingCalls = false
    /// How many nghttp2 functions that call back are on the stack.
    private var nesting = 0
    /// Calls that have a stream, also those that have ended and whose stream has not.
    private var streams = CallList()
    /// Calls that GOAWAY refused, to be sent again as soon as all of them are known.
    private var refused: [ClientCall] = []
    private var maxConcurrentStreams = 0
    /// Frames on their way to the socket.
    private var output = ByteBuffer()
    private var fields = RequestFields()
    private var keepalive: KeepaliveMonitor?
    /// How the server broke HTTP/2, as our GOAWAY to it says: nghttp2's own words, nothing that the server sent.
    private var breach: String?

    /// Bytes that may wait for the kernel before no more frames are made.
    private static let highWater = 256 * 1024

    /// How often a call moves on to the next connection because GOAWAY refused it.
    private static let maxGoAwayRetries = 5

    /// Starts connecting; tells `owner` what becomes of it, never before this returns.
    init(to address: SocketAddress, owner: Subchannel) {
        self.owner = owner
        channel = owner.channel
        upstream = owner.upstream
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

    var hasCalls: Bool { !streams.isEmpty }

    /// The server allows no more calls at a time, but would allow some.
    var isAtStreamLimit: Bool { maxConcurrentStreams > 0 && streams.count >= maxConcurrentStreams }

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

    // MARK: - Bytes

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        parse(bytes)
        settle()
    }

    /// Lets nghttp2 look at bytes of HTTP/2; ``settle()`` has to follow.
    func parse(_ bytes: UnsafeRawBufferPointer) {
        guard let session else { return }
        keepalive?.heard()
        nesting += 1
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        let result = nghttp2_session_mem_recv(session, start, bytes.count)
        nesting -= 1
        guard !isClosed else { return freeSession() }
        guard result >= 0 else { return closeFailed(Int32(clamping: result)) }
    }

    /// Makes frames of all that is pending and writes them, as far as the socket takes them.
    func flush() {
        guard session != nil, nesting == 0, !isClosed else { return }
        if isBlocked, !isSocketFull {
            // Waiting calls first: an upload that fills the socket again and again would keep them out for good.
            isBlocked = false
            wantsWaitingCalls = true
            settle()
        }
        writeFrames()
        guard wantsWaitingCalls, !isClosed else { return }
        settle()
        writeFrames()
    }

    private var isSocketFull: Bool { (socket?.pendingByteCount ?? 0) >= HTTP2Connection.highWater }

    private func writeFrames() {
        guard let session, let socket else { return }
        var isDone = false
        var failure: Int32 = 0
        while !isDone, !isSocketFull {
            nesting += 1
            while output.count < HTTP2Connection.highWater {
                var frames: UnsafePointer<UInt8>?
                let count = nghttp2_session_mem_send(session, &frames)
                guard count > 0 else {
                    isDone = true
                    failure = Int32(clamping: count)
                    break
                }
                output.append(contentsOf: UnsafeRawBufferPointer(start: frames, count: count))
            }
            nesting -= 1
            guard !isClosed else { return freeSession() }
            guard failure == 0 else { return closeFailed(failure) }
            guard !output.isEmpty else { break }
            if let tls {
                guard tls.seal(output.bytes) else { return close("TLS has ended", origin: .network) }
                writeSealed(tls)
            } else {
                socket.write(output.bytes)
            }
            output.truncate(to: 0)
        }
        isBlocked = isSocketFull
        closeIfOver()
    }

    /// What has to follow on any progress, once nghttp2 is off the stack.
    func settle() {
        guard !isClosed else { return }
        sendRefusedAgain()
        closeIfOver()
        if wantsWaitingCalls {
            wantsWaitingCalls = false
            channel.startWaitingCalls()
        }
    }

    /// Closes a session that has come to its end: drained, or ended by nghttp2 over a breach of the protocol.
    private func closeIfOver() {
        guard let session, !isClosed else { return }
        let isOver = nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
        guard isOver || (isDraining && streams.isEmpty) else { return }
        if let breach {
            close("the upstream broke HTTP/2: \(breach)", origin: .malformedAnswer)
        } else {
            close("the upstream closed the connection", origin: .network)
        }
    }

    /// nghttp2 cannot go on: it has no memory, or the server sends what only makes work, like CONTINUATION without end.
    private func closeFailed(_ code: Int32) {
        guard code != NGHTTP2_ERR_NOMEM.rawValue else { return close("out of memory", origin: .network) }
        close("the upstream broke HTTP/2: \(HTTP2Callbacks.describe(code))", origin: .malformedAnswer)
    }

    /// nghttp2 ends the connection; `reason` is its own text.
    func goAwaySent(_ code: HTTP2ErrorCode, reason: String) {
        breach = reason.isEmpty ? "\(code)" : "\(code) (\(reason))"
    }

    /// Takes a DATA frame into the write, header and payload, right from the call's message.
    func append(frameHeader: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) {
        output.append(contentsOf: frameHeader)
        output.append(contentsOf: payload)
    }

    /// Ends the connection and its calls; idempotent.
    ///
    /// Calls that the server cannot have seen are sent again. What was under way ends with UNAVAILABLE where the
    /// connection was lost, and with INTERNAL, as any malformed answer does, where `origin` is `malformedAnswer`: the
    /// server broke HTTP/2 and we closed the connection for it, so it is no outage and trying again would not help.
    func close(_ reason: String, origin: CallOutcome.Origin) {
        guard !isClosed else { return }
        isClosed = true
        keepalive?.close()
        keepalive = nil
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

    private func freeSession() {
        guard let session else { return }
        self.session = nil
        nghttp2_session_del(session)
    }

    // MARK: - Calls

    /// Gives the call a stream; only if ``hasRoom``.
    func start(_ call: ClientCall) {
        guard let session else { return channel.sendAgain(call) }
        let result = fields.submit(call, of: upstream, to: session, now: channel.loop.turnStart())
        switch result {
        case .opened(let id):
            call.stage = .streaming
            call.streamID = id
            call.connection = self
            isUnused = false
            streams.append(call)
        case .noStreamsLeft:
            // 2^30 calls on one connection: go on with a new one.
            startDraining()
            channel.sendAgain(call)
        case .refused(let reason):
            call.stage = .streaming
            channel.end(call, Status(.internalError, reason), .unsendable)
        }
    }

    /// Gives up the stream of a call that has ended or is about to.
    func abandon(_ call: ClientCall) {
        guard let session, call.connection === self else { return }
        nghttp2_submit_rst_stream(
            session,
            UInt8(NGHTTP2_FLAG_NONE.rawValue),
            call.streamID,
            HTTP2ErrorCode.cancel.rawValue
        )
    }

    /// Gives received DATA back to the window of its stream, or keeps it in mind; false if nghttp2 has no memory.
    func consume(_ count: Int, of call: ClientCall) -> Bool {
        guard let session, call.stage == .streaming else { return true }
        if call.isWindowHeld {
            call.heldBytes += count
            return true
        }
        if !call.hasLargeWindow, call.response.announcedBytes > Int(channel.configuration.streamWindow) {
            guard enlargeWindow(of: call, session) else { return false }
        }
        return nghttp2_session_consume_stream(session, call.streamID, count) == 0
    }

    /// Lets a large answer come at full speed; a stream keeps its small window, which bounds what a slow client costs.
    private func enlargeWindow(of call: ClientCall, _ session: OpaquePointer) -> Bool {
        call.hasLargeWindow = true
        guard !call.method.descriptor.isServerStreaming else { return true }
        let window = min(Int(channel.configuration.largeMessageWindow), call.response.announcedBytes)
        return nghttp2_session_set_local_window_size(
            session,
            UInt8(NGHTTP2_FLAG_NONE.rawValue),
            call.streamID,
            Int32(window)
        ) == 0
    }

    /// Ends a call whose message would take more memory than there is for messages that are on their way.
    func checkRoom(for call: ClientCall) {
        guard call.stage == .streaming, !channel.hasRoomForAnswer(of: call) else { return }
        let status = Status(.resourceExhausted, "the answers under way hold too much memory")
        finish(call, ResponseStateMachine.Ending(status: status, origin: .limit, resetsStream: true))
    }

    /// nghttp2 cannot make a HEADERS frame of the call's fields, `code` says why.
    func couldNotSend(_ call: ClientCall, _ code: Int32) {
        // All that is large in them came from the caller.
        let status =
            code == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue
            ? Status(.invalidArgument, "the request's headers are too large")
            : Status(.internalError, "the request's headers cannot be sent: \(HTTP2Callbacks.describe(code))")
        channel.end(call, status, .unsendable)
    }

    /// The answer has ended the call.
    func finish(_ call: ClientCall, _ ending: ResponseStateMachine.Ending) {
        switch ending.origin {
        case .upstream, .reset, .httpAnswer: hasServed = true
        default: break
        }
        if ending.resetsStream || !call.isRequestSent { abandon(call) }
        channel.conclude(call, ending.status, ending.origin)
    }

    /// nghttp2 has let go of the stream.
    func streamClosed(_ call: ClientCall, _ code: HTTP2ErrorCode) {
        streams.remove(call)
        call.connection = nil
        wantsWaitingCalls = true
        guard call.stage == .streaming else { return }
        guard call.retryDelay == nil else { return channel.delay(call) }
        guard call.areHeadersSent else { return channel.sendAgain(call) }
        // nghttp2 closes streams that a GOAWAY refused with that code; its other codes are verdicts on the answer.
        let isRefusedByGoAway = isDraining && code == .refusedStream && !call.wasResetByPeer
        let isByServer = call.wasResetByPeer || isRefusedByGoAway
        if code == .refusedStream, isByServer, !call.response.isCommitted {
            // Of an earlier attempt an application may know all the same.
            if call.retries == 0 { call.reach = .notProcessed }
            // A refusing server is asked once more (gRFC A6); one that goes away leaves the call to the next, and in
            // a rolling restart that may be told to go as well.
            if call.transparentRetries < (isRefusedByGoAway ? HTTP2Connection.maxGoAwayRetries : 1) {
                call.transparentRetries += 1
                return isRefusedByGoAway ? refused.append(call) : channel.sendAgain(call)
            }
        }
        if case .finish(let ending) = call.response.receiveReset(code, byPeer: isByServer) { finish(call, ending) }
    }

    /// Puts refused calls back into the queue in the order they were started in.
    ///
    /// nghttp2 closes their streams in no order, and a call that happened to come last each time would be refused by
    /// one connection after the other.
    private func sendRefusedAgain() {
        guard !refused.isEmpty else { return }
        let calls = refused.sorted { $0.streamID > $1.streamID }
        refused = []
        for call in calls where call.stage == .streaming { channel.sendAgain(call) }
    }

    /// The server's SETTINGS.
    func settingsReceived() {
        guard let session else { return }
        let limit = nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        maxConcurrentStreams = min(Int(limit), channel.configuration.maxStreamsPerConnection)
        wantsWaitingCalls = true
        guard !isReady else { return }
        isReady = true
        if let interval = upstream.keepaliveTime {
            keepalive = KeepaliveMonitor(of: self, interval: interval, channel.configuration, loop: channel.loop)
        }
        owner?.connectionIsReady(self)
    }

    /// GOAWAY: streams above `lastStream` were not processed.
    ///
    /// A server that goes in order and takes calls along is one that works, answered or not.
    func goAwayReceived(_ code: HTTP2ErrorCode, lastStream: Int32, debug: UnsafeRawBufferPointer) {
        if code == .enhanceYourCalm, debug.elementsEqual("too_many_pings".utf8) { upstream.pingLess() }
        if code == .noError, streams.contains(where: { $0.areHeadersSent && $0.streamID <= lastStream }) {
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
        // From a callback of nghttp2 it is closed when that is over.
        if nesting == 0 { closeIfOver() }
    }

    /// Takes no more calls; those that have a stream may finish.
    private func startDraining() {
        guard !isDraining else { return }
        isDraining = true
        guard isReady else { return close("the upstream refused the connection (GOAWAY)", origin: .network) }
        owner?.connectionIsDraining(self)
    }
}
