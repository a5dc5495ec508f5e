import CNGHTTP2
import Glibc

@testable import GatewayTesting

/// The client's end of an HTTP/2 connection on nghttp2, blocking, which notes every frame that comes in.
final class HTTP2TestClient {
    enum Event: Equatable {
        case headers(stream: Int32, HeaderList, endStream: Bool)
        case data(stream: Int32, [UInt8], endStream: Bool)
        case reset(stream: Int32, HTTP2ErrorCode)
        case goAway(lastStream: Int32, HTTP2ErrorCode, debug: [UInt8])
        case ping
        case settings([HTTP2Setting], isAcknowledgement: Bool)
        /// The server ended the TCP connection in order.
        case closed
        /// The server reset the TCP connection.
        case aborted
    }

    private let descriptor: Int32
    private var session: OpaquePointer?
    private(set) var events: [Event] = []
    private(set) var isOpen = true
    private var fields: [HeaderField] = []
    private var chunk: [UInt8] = []
    private var body: [UInt8] = []

    init(port: UInt16, settings: [HTTP2Setting] = []) throws {
        descriptor = try Sockets.connect(host: "127.0.0.1", port: port)
        var callbacks: OpaquePointer?
        nghttp2_session_callbacks_new(&callbacks)
        defer { nghttp2_session_callbacks_del(callbacks) }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, _, name, nameCount, value, count, _, context in
            let name = String(decoding: UnsafeRawBufferPointer(start: name, count: nameCount), as: UTF8.self)
            let value = Array(UnsafeRawBufferPointer(start: value, count: count))
            client(context)?.fields.append(HeaderField(name, bytes: value))
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, _, bytes, count, context in
            client(context)?.chunk += UnsafeRawBufferPointer(start: bytes, count: count)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            if let frame { client(context)?.received(frame.pointee) }
            return 0
        }
        var option: OpaquePointer?
        nghttp2_option_new(&option)
        defer { nghttp2_option_del(option) }
        // Answers that break HTTP's rules must be seen too.
        nghttp2_option_set_no_http_messaging(option, 1)
        nghttp2_session_client_new2(&session, callbacks, Unmanaged.passUnretained(self).toOpaque(), option)
        let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.identifier), value: $0.value) }
        nghttp2_submit_settings(session, 0, entries, entries.count)
    }

    deinit {
        nghttp2_session_del(session)
        close(descriptor)
    }

    /// Sends a request with a body of one gRPC message; returns its stream.
    func request(_ path: String, headers: HeaderList = [:], message: [UInt8]? = [], endStream: Bool = true) -> Int32 {
        let all: HeaderList = [":method": "POST", ":scheme": "http", ":path": path, ":authority": "test"] + headers
        let flags = message == nil && endStream ? UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) : 0
        let stream = all.withNameValues {
            nghttp2_submit_headers(session, flags, -1, nil, $0.baseAddress, $0.count, nil)
        }
        if let message {
            flush()
            body = GRPCFrame.encode(message)
            var provider = nghttp2_data_provider(source: nghttp2_data_source()) {
                _,
                _,
                buffer,
                room,
                flags,
                _,
                context in
                guard let client = client(context) else { return 0 }
                let part = Array(client.body.prefix(room))
                client.body.removeFirst(part.count)
                UnsafeMutableRawBufferPointer(start: buffer, count: room).copyBytes(from: part)
                if client.body.isEmpty { flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
                return part.count
            }
            nghttp2_submit_data(session, endStream ? UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) : 0, stream, &provider)
        }
        flush()
        return stream
    }

    func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        nghttp2_submit_rst_stream(session, 0, stream, code.rawValue)
        flush()
    }

    func ping() {
        nghttp2_submit_ping(session, 0, nil)
        flush()
    }

    func goAway(_ code: HTTP2ErrorCode) {
        nghttp2_submit_goaway(session, 0, 0, code.rawValue, nil, 0)
        flush()
    }

    /// nghttp2 has given the connection up.
    var isFinished: Bool { nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    /// Reads until `condition` holds of the events, or five seconds; says whether it came to hold.
    @discardableResult
    func run(timeout: Duration = .seconds(5), until condition: ([Event]) -> Bool) -> Bool {
        let deadline = MonotonicTime.now.advanced(by: timeout)
        flush()
        while !condition(events) {
            guard isOpen, waitForInput(until: deadline) else { return condition(events) }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 {
                events.append(count == 0 ? .closed : .aborted)
                isOpen = false
            } else if nghttp2_session_mem_recv(session, buffer, count) < 0 {
                isOpen = false
            }
            flush()
        }
        return true
    }

    /// Whether the events of `stream` hold its end.
    func finish(_ stream: Int32) -> [Event] {
        run { events in
            events.contains {
                switch $0 {
                case .headers(stream, _, endStream: true), .data(stream, _, endStream: true), .reset(stream, _),
                    .closed, .aborted:
                    true
                default: false
                }
            }
        }
        return events(of: stream)
    }

    func events(of stream: Int32) -> [Event] {
        events.filter {
            switch $0 {
            case .headers(stream, _, _), .data(stream, _, _), .reset(stream, _): true
            default: false
            }
        }
    }

    private func waitForInput(until deadline: MonotonicTime) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, deadline.millisecondsLeft) > 0
    }

    private func flush() {
        var bytes: UnsafePointer<UInt8>?
        while case let count = nghttp2_session_mem_send(session, &bytes), count > 0 {
            if send(descriptor, bytes, count, Int32(MSG_NOSIGNAL)) < 0, errno == ECONNRESET {
                // Whichever call comes first after a reset gets the error; later ones see a mere end.
                events.append(.aborted)
                isOpen = false
            }
        }
    }

    private func received(_ frame: nghttp2_frame) {
        let header = frame.hd
        let isFlagged = header.flags & 1 != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            events.append(.headers(stream: header.stream_id, HeaderList(fields), endStream: isFlagged))
            fields = []
        case NGHTTP2_DATA.rawValue:
            events.append(.data(stream: header.stream_id, chunk, endStream: isFlagged))
            chunk = []
        case NGHTTP2_RST_STREAM.rawValue:
            events.append(.reset(stream: header.stream_id, HTTP2ErrorCode(rawValue: frame.rst_stream.error_code)))
        case NGHTTP2_GOAWAY.rawValue:
            let debug = UnsafeRawBufferPointer(
                start: frame.goaway.opaque_data,
                count: frame.goaway.opaque_data_len
            )
            let code = HTTP2ErrorCode(rawValue: frame.goaway.error_code)
            events.append(.goAway(lastStream: frame.goaway.last_stream_id, code, debug: Array(debug)))
        case NGHTTP2_PING.rawValue where !isFlagged:
            events.append(.ping)
        case NGHTTP2_SETTINGS.rawValue:
            let entries = UnsafeBufferPointer(start: frame.settings.iv, count: frame.settings.niv).map {
                HTTP2Setting(identifier: UInt16($0.settings_id), value: $0.value)
            }
            events.append(.settings(entries, isAcknowledgement: isFlagged))
        default:
            break
        }
    }
}

private func client(_ context: UnsafeMutableRawPointer?) -> HTTP2TestClient? {
    context.map { Unmanaged<HTTP2TestClient>.fromOpaque($0).takeUnretainedValue() }
}
