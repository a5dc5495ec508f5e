internal import CNGHTTP2

/// The C functions that nghttp2 calls: each unwraps the connection and calls one method of it.
///
/// nghttp2 borrows the connection (lifetime rule a): the session never outlives it.
enum ServerCallbacks {
    /// A server session that calls `context`, an ``HTTP2ServerConnection``; nil where memory is short.
    static func makeSession(
        for context: UnsafeMutableRawPointer,
        options: HTTP2ServerConnection.Options
    ) -> OpaquePointer? {
        var callbacks: OpaquePointer?
        var option: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        // nghttp2_session_server_new2 copies both, so they end here.
        defer { nghttp2_session_callbacks_del(callbacks) }
        guard nghttp2_option_new(&option) == 0 else { return nil }
        defer { nghttp2_option_del(option) }

        nghttp2_option_set_no_auto_window_update(option, options.grantsWindow ? 0 : 1)
        nghttp2_option_set_no_auto_ping_ack(option, options.answersPings ? 0 : 1)
        // Tests cancel calls by the thousand; the defence against that attack is not what they are after.
        nghttp2_option_set_stream_reset_rate_limit(option, 1_000_000_000, 1_000_000_000)
        nghttp2_option_set_no_closed_streams(option, 1)

        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            if let frame { connection(context)?.beganHeaders(stream: frame.pointee.hd.stream_id) }
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _,
            frame,
            name,
            nameLength,
            value,
            valueLength,
            _,
            context in
            guard let frame else { return 0 }
            connection(context)?.receivedHeader(
                stream: frame.pointee.hd.stream_id,
                name: UnsafeRawBufferPointer(start: name, count: nameLength),
                value: UnsafeRawBufferPointer(start: value, count: valueLength)
            )
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, context in
            connection(context)?.receivedData(stream: stream, UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            if let frame { connection(context)?.received(frame: frame) }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            connection(context)?.closedStream(stream, code: code)
            return 0
        }
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, frame, code, context in
            let type = frame.map { "frame of type \($0.pointee.hd.type)" } ?? "frame"
            connection(context)?.receivedViolation("\(type): \(String(cString: nghttp2_strerror(code)))")
            return 0
        }
        if options.padding > 0 {
            nghttp2_session_callbacks_set_select_padding_callback(callbacks) { _, frame, limit, context in
                let length = frame?.pointee.hd.length ?? 0
                return min(limit, length + (connection(context)?.padding ?? 0))
            }
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, _, context in
            guard let frame, let connection = connection(context) else {
                return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
            }
            connection.sendData(
                stream: frame.pointee.hd.stream_id,
                header: UnsafeRawBufferPointer(start: header, count: 9),
                count: count
            )
            return 0
        }

        var session: OpaquePointer?
        guard nghttp2_session_server_new2(&session, callbacks, context, option) == 0 else { return nil }
        return session
    }

    /// The data source that asks its connection.
    static var dataProvider: nghttp2_data_provider {
        nghttp2_data_provider(source: nghttp2_data_source()) { _, stream, buffer, count, flags, _, context in
            guard let flags, let connection = connection(context) else {
                return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
            }
            let room = UnsafeMutableRawBufferPointer(start: buffer, count: count)
            return connection.readData(stream: stream, into: room, flags: flags)
        }
    }
}

// Not a method: a C function pointer cannot carry the metatype.
private func connection(_ context: UnsafeMutableRawPointer?) -> HTTP2ServerConnection? {
    context.map { Unmanaged<HTTP2ServerConnection>.fromOpaque($0).takeUnretainedValue() }
}
