internal import Bytes
internal import CNGHTTP2
internal import EventLoop
internal import RPCCore

/// The calls that have a stream here, from its opening to the last that nghttp2 has to say about it.
extension HTTP2Connection {
    /// How often a call moves on to the next connection because GOAWAY refused it.
    static let maxGoAwayRetries = 5

    /// Gives the call a stream; only if ``hasRoom``.
    func start(_ call: ClientCall) {
        guard let session else { return channel.sendAgain(call) }
        let result = fields.submit(call, of: upstream, to: session, now: channel.loop.turnStart())
        switch result {
        case .opened(let id):
            if !call.isOwn { noteStart(of: call) }
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

    private func noteStart(of call: ClientCall) {
        channel.statistics.attempts &+= 1
        call.peerAddress = peerAddress
        // One that goes at once needs no clock.
        if call.stage == .waiting, call.leftQueueAt == nil { call.leftQueueAt = channel.loop.now() }
    }

    /// Gives the connection's own call a stream, beside those of the channel's users.
    func startOwn(_ call: ClientCall) {
        call.isOwn = true
        call.channel = channel
        guard MessageFraming.finish(&call.message) else {
            return channel.end(call, Status(.internalError, "the request exceeds 4 GiB"), .unsendable)
        }
        let count = streams.count
        let isUnused = isUnused
        start(call)
        // Nor is it a use of the connection.
        self.isUnused = isUnused
        ownStreams += streams.count - count
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
        case .upstream, .reset, .httpAnswer: if !call.isOwn { hasServed = true }
        default: break
        }
        if ending.resetsStream || !call.isRequestSent { abandon(call) }
        channel.conclude(call, ending.status, ending.origin)
    }

    /// nghttp2 has let go of the stream.
    func streamClosed(_ call: ClientCall, _ code: HTTP2ErrorCode) {
        streams.remove(call)
        if call.isOwn { ownStreams -= 1 }
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
            if call.seenAttempts == 0 { call.reach = .notProcessed }
            call.isRefused = true
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
    func sendRefusedAgain() {
        guard !refused.isEmpty else { return }
        let calls = refused.sorted { $0.streamID > $1.streamID }
        refused = []
        for call in calls where call.stage == .streaming { channel.sendAgain(call) }
    }
}
