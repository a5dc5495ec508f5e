internal import Bytes
internal import CNGHTTP2

/// nghttp2's callbacks: each finds its connection and call, and hands over to one method.
///
/// `user_data` is the connection, unretained: it owns the session, and whoever calls into nghttp2 holds the
/// connection meanwhile. A stream's user data is its call, unretained: the connection's list owns it until
/// `on_stream_close`. Once the connection is closed that no longer holds, so each callback asks that first.
enum HTTP2Callbacks {
    /// A client session whose callbacks reach `connection`; nil without memory.
    static func makeSession(for connection: HTTP2Connection) -> OpaquePointer? {
        var callbacks: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks else { return nil }
        defer { nghttp2_session_callbacks_del(callbacks) }
        nghttp2_session_callbacks_set_on_header_callback(callbacks, header)
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frameReceived)
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, dataReceived)
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, streamClosed)
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frameSent)
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, frameNotSent)
        nghttp2_session_callbacks_set_send_data_callback(callbacks, sendMessage)

        var option: OpaquePointer?
        guard nghttp2_option_new(&option) == 0, let option else { return nil }
        defer { nghttp2_option_del(option) }
        nghttp2_option_set_no_closed_streams(option, 1)
        // Calls may hold their stream's window, see `dataReceived`.
        nghttp2_option_set_no_auto_window_update(option, 1)
        // The connection counts streams itself and sends none before SETTINGS.
        nghttp2_option_set_peer_max_concurrent_streams(option, UInt32(Int32.max))
        // gRPC leaves the spaces of a grpc-message as they are, so that one may stand at its end, where RFC 9113 (section
        // 8.2.1) has none. The error would be lost for it.
        nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1)

        var session: OpaquePointer?
        let context = Unmanaged.passUnretained(connection).toOpaque()
        guard nghttp2_session_client_new2(&session, callbacks, context, option) == 0 else { return nil }
        return session
    }

    static func describe(_ code: Int32) -> String {
        nghttp2_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    private static let failure = Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)

    private static func connection(_ userData: UnsafeMutableRawPointer?) -> HTTP2Connection? {
        lentConnection(userData)?.takeUnretainedValue()
    }

    private static func call(_ session: OpaquePointer?, _ streamID: Int32) -> ClientCall? {
        lentCall(session, streamID)?.takeUnretainedValue()
    }

    // The same without a retain, which is atomic: for what calls no hook, and so cannot have one of them released.

    private static func lentConnection(_ userData: UnsafeMutableRawPointer?) -> Unmanaged<HTTP2Connection>? {
        guard let userData else { return nil }
        let connection = Unmanaged<HTTP2Connection>.fromOpaque(userData)
        return connection._withUnsafeGuaranteedRef(\.isClosed) ? nil : connection
    }

    private static func lentCall(_ session: OpaquePointer?, _ streamID: Int32) -> Unmanaged<ClientCall>? {
        guard let context = nghttp2_session_get_stream_user_data(session, streamID) else { return nil }
        return Unmanaged<ClientCall>.fromOpaque(context)
    }

    private static func endsStream(_ flags: UInt8) -> Bool {
        flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    }

    // MARK: - Receiving

    private static let header: nghttp2_on_header_callback = {
        session,
        frame,
        name,
        nameLength,
        value,
        valueLength,
        _,
        userData in
        guard let lentConnection = lentConnection(userData), let frame else { return failure }
        guard let lentCall = lentCall(session, frame.pointee.hd.stream_id) else { return 0 }
        let verdict = lentCall._withUnsafeGuaranteedRef {
            $0.response.receiveHeader(
                name: UnsafeRawBufferPointer(start: name, count: nameLength),
                value: UnsafeRawBufferPointer(start: value, count: valueLength),
                endsStream: endsStream(frame.pointee.hd.flags)
            )
        }
        guard case .finish(let ending) = verdict else { return 0 }
        let connection = lentConnection.takeUnretainedValue()
        connection.finish(lentCall.takeUnretainedValue(), ending)
        // Stops the rest of the block from being reported.
        return connection.isClosed ? failure : Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }

    private static let frameReceived: nghttp2_on_frame_recv_callback = { session, frame, userData in
        guard let lentConnection = lentConnection(userData), let frame else { return failure }
        let header = frame.pointee.hd
        let type = UInt32(header.type)
        if type == NGHTTP2_HEADERS.rawValue {
            let endsStream = endsStream(header.flags)
            return receiveEnd(of: header, session, lentConnection) { $0.receiveHeadersEnd(endsStream: endsStream) }
        }
        if type == NGHTTP2_DATA.rawValue {
            guard endsStream(header.flags) else { return 0 }
            return receiveEnd(of: header, session, lentConnection) { $0.receiveDataEnd() }
        }
        let connection = lentConnection.takeUnretainedValue()
        switch type {
        case NGHTTP2_RST_STREAM.rawValue:
            call(session, header.stream_id)?.wasResetByPeer = true
        case NGHTTP2_SETTINGS.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { connection.settingsReceived() }
        case NGHTTP2_GOAWAY.rawValue:
            let goAway = frame.pointee.goaway
            connection.goAwayReceived(
                HTTP2ErrorCode(rawValue: goAway.error_code),
                lastStream: goAway.last_stream_id,
                debug: UnsafeRawBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
            )
        default: break
        }
        return connection.isClosed ? failure : 0
    }

    /// Tells a call by `event` that a block or all of its answer is there.
    @inline(__always)
    private static func receiveEnd(
        of header: nghttp2_frame_hd,
        _ session: OpaquePointer?,
        _ lentConnection: Unmanaged<HTTP2Connection>,
        _ event: (inout ResponseStateMachine) -> ResponseStateMachine.Verdict
    ) -> Int32 {
        guard let lentCall = lentCall(session, header.stream_id) else { return 0 }
        let verdict = lentCall._withUnsafeGuaranteedRef { event(&$0.response) }
        guard case .finish(let ending) = verdict else { return 0 }
        let connection = lentConnection.takeUnretainedValue()
        connection.finish(lentCall.takeUnretainedValue(), ending)
        return connection.isClosed ? failure : 0
    }

    /// Hands out messages, then gives the chunk back to the windows that it came through (RFC 9113, section 5.2).
    ///
    /// nghttp2 does so by itself for padding and for DATA that it ignores, and sends WINDOW_UPDATE once half of a window
    /// has been given back. The connection's window is never held: a call that is slow must not stop the others.
    private static let dataReceived: nghttp2_on_data_chunk_recv_callback = {
        session,
        _,
        streamID,
        bytes,
        count,
        userData in
        guard let connection = connection(userData) else { return failure }
        guard nghttp2_session_consume_connection(session, count) == 0 else { return failure }
        guard let call = call(session, streamID) else { return 0 }
        var chunk = UnsafeRawBufferPointer(start: bytes, count: count)
        while true {
            // A hook may have ended the call, which the state machine then knows.
            switch call.response.receiveData(&chunk) {
            case .needsMore:
                connection.checkRoom(for: call)
                guard !connection.isClosed else { return failure }
                return connection.consume(count, of: call) ? 0 : failure
            case .message(let message):
                call.deliver(message)
            case .assembled:
                let message = call.response.takeAssembled()
                call.deliver(message.bytes)
            case .finish(let ending):
                connection.finish(call, ending)
            }
            guard !connection.isClosed else { return failure }
        }
    }

    private static let streamClosed: nghttp2_on_stream_close_callback = { session, streamID, code, userData in
        guard let connection = connection(userData) else { return failure }
        guard let call = call(session, streamID) else { return 0 }
        connection.streamClosed(call, HTTP2ErrorCode(rawValue: code))
        return connection.isClosed ? failure : 0
    }

    // MARK: - Sending

    /// Offers the rest of the message; ``sendMessage`` then copies it straight into the connection's write.
    static let readMessage: nghttp2_data_source_read_callback = { _, _, _, length, flags, source, userData in
        guard lentConnection(userData) != nil, let context = source?.pointee.ptr else { return Int(failure) }
        let rest = Unmanaged<ClientCall>.fromOpaque(context)._withUnsafeGuaranteedRef { call in
            call.stage == .ended ? nil : call.message.count - call.sentBytes
        }
        // The message is gone and RST_STREAM on its way, which may take long where the socket is full.
        guard let rest else { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
        var answer = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        if rest <= length { answer |= NGHTTP2_DATA_FLAG_EOF.rawValue }
        flags?.pointee |= answer
        return min(rest, length)
    }

    private static let sendMessage: nghttp2_send_data_callback = { _, _, frameHeader, length, source, userData in
        guard let lentConnection = lentConnection(userData), let context = source?.pointee.ptr else { return failure }
        let header = UnsafeRawBufferPointer(start: frameHeader, count: 9)
        let isSent = Unmanaged<ClientCall>.fromOpaque(context)._withUnsafeGuaranteedRef { call in
            lentConnection._withUnsafeGuaranteedRef { $0.send(frameHeader: header, payloadOf: call, count: length) }
        }
        return isSent ? 0 : failure
    }

    private static let frameSent: nghttp2_on_frame_send_callback = { session, frame, userData in
        guard let lentConnection = lentConnection(userData), let frame else { return failure }
        let header = frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            lentCall(session, header.stream_id)?._withUnsafeGuaranteedRef { call in
                call.areHeadersSent = true
                call.reach = .mayHaveRun
            }
        case NGHTTP2_GOAWAY.rawValue:
            let connection = lentConnection.takeUnretainedValue()
            let goAway = frame.pointee.goaway
            let reason = UnsafeRawBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
            connection.goAwaySent(
                HTTP2ErrorCode(rawValue: goAway.error_code),
                reason: String(decoding: reason, as: UTF8.self)
            )
        default: break
        }
        return 0
    }

    private static let frameNotSent: nghttp2_on_frame_not_send_callback = { session, frame, code, userData in
        guard let connection = connection(userData), let header = frame?.pointee.hd else { return failure }
        guard UInt32(header.type) == NGHTTP2_HEADERS.rawValue, let call = call(session, header.stream_id) else {
            return 0
        }
        switch code {
        case NGHTTP2_ERR_START_STREAM_NOT_ALLOWED.rawValue, NGHTTP2_ERR_STREAM_CLOSING.rawValue,
            NGHTTP2_ERR_SESSION_CLOSING.rawValue:
            // on_stream_close follows and finds a call that was never sent.
            break
        default:
            connection.couldNotSend(call, code)
        }
        return 0
    }
}
