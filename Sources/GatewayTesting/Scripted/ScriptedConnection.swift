internal import CNGHTTP2
import Glibc

/// One connection of a scripted upstream: records what comes and carries out the scripts of its streams.
///
/// Confined to the upstream's thread; what tests see goes through the shared ``UpstreamState``.
final class ScriptedConnection: HTTP2ServerConnection {
    let number: Int
    private let behavior: ConnectionBehavior
    private let shared: Monitor<UpstreamState>
    private let waker: Waker
    /// Streams whose script is not done, in the order of their arrival.
    private var live: [ScriptedStream] = []
    private var byID: [Int32: ScriptedStream] = [:]
    /// GOAWAYs that a script asked for; any other is nghttp2's answer to a client's mistake.
    private var expectedGoAways = 0
    /// Nothing more is read or scripted, the connection ends once its output is written.
    private var isEnding = false

    init(
        descriptor: Int32,
        number: Int,
        behavior: ConnectionBehavior,
        shared: Monitor<UpstreamState>,
        waker: Waker
    ) throws(SystemError) {
        self.number = number
        self.behavior = behavior
        self.shared = shared
        self.waker = waker
        let options = Options(
            grantsWindow: behavior.grantsWindow,
            answersPings: behavior.answersPings,
            padding: Int(behavior.padding)
        )
        try super.init(descriptor: descriptor, options: options)
        behavior.greeting.withUnsafeBytes { output.append(copying: $0) }
        if let settings = behavior.settings { send(settings) }
        switch behavior.endsAtOnce {
        case .no: break
        case .close: isEnding = true
        case .abort: close(abruptly: true)
        }
    }

    /// What the poller should watch for.
    var interest: Poller.Interest {
        var interest: Poller.Interest = behavior.reads && !isEnding ? .read : []
        if output.count > 0 { interest.insert(.write) }
        return interest
    }

    /// When a delay of one of the scripts ends, the nearest.
    var nextDeadline: MonotonicTime? {
        live.compactMap { stream in
            if case .time(let deadline) = stream.waiting { return deadline }
            return nil
        }.min()
    }

    override func close(abruptly: Bool) {
        guard !isClosed else { return }
        super.close(abruptly: abruptly)
        shared.update { state in
            state.connections[number - 1].isOpen = false
            for stream in byID.values where !stream.isClosed {
                state.requests[stream.request].isConnectionLost = true
            }
        }
        live = []
        byID = [:]
    }

    // MARK: Carrying out scripts

    /// Goes on with every script as far as it will go, then writes.
    func run() {
        var progressed = true
        while progressed, !isClosed, !isEnding {
            progressed = false
            guard flush() else { break }
            for stream in live where advance(stream) {
                progressed = true
                guard !isClosed, !isEnding, flush() else { break }
            }
            live.removeAll { isDone($0) }
        }
        _ = flush()
        if isEnding, !isClosed, output.count == 0 { finish() }
    }

    /// Does `action` now, after whatever has been sent before.
    func perform(_ action: ConnectionAction) {
        guard let session, !isEnding else { return }
        switch action {
        case .goAway(let lastStream, let code, let debug):
            expectedGoAways += 1
            nghttp2_submit_goaway(session, 0, lastStream, code.rawValue, debug, debug.count)
        case .ping(let count):
            for _ in 0..<count { nghttp2_submit_ping(session, 0, nil) }
        case .settings(let settings):
            send(settings)
        case .windowUpdate(let stream, let bytes):
            nghttp2_submit_window_update(session, 0, stream, Int32(clamping: bytes))
        case .raw(let bytes):
            _ = serialize()
            bytes.withUnsafeBytes { output.append(copying: $0) }
        case .close:
            _ = serialize()
            isEnding = true
        case .abort:
            close(abruptly: true)
        }
    }

    /// Takes `stream` one step further if nothing holds it; says whether it did.
    private func advance(_ stream: ScriptedStream) -> Bool {
        switch stream.waiting {
        case .nothing: break
        case .request: return false
        case .data: guard stream.isClosed else { return false }
        case .time(let deadline): guard deadline <= .now else { return false }
        case .gate(let gate): guard gate.isOpen(orWake: waker) else { return false }
        }
        stream.waiting = .nothing
        guard let step = stream.steps.popFirst() else { return false }
        perform(step, on: stream)
        return true
    }

    private func perform(_ step: Script.Step, on stream: ScriptedStream) {
        guard let session else { return }
        switch step {
        case .headers(let headers, let endStream):
            send(headers, endStream: endStream, on: stream)
        case .data(let bytes, let endStream):
            send(bytes, endStream: endStream, on: stream)
        case .reset(let code):
            guard !stream.isClosed else { return }
            nghttp2_submit_rst_stream(session, 0, stream.id, code.rawValue)
        case .raw(let make):
            perform(.raw(make(stream.id)))
        case .delay(let duration):
            stream.waiting = .time(MonotonicTime.now.advanced(by: duration))
        case .hold(let gate):
            stream.waiting = .gate(gate)
        case .connection(let action):
            perform(action)
        case .times(let count, let step):
            guard count > 0 else { return }
            stream.steps = [step, .times(count - 1, step)] + stream.steps
        }
    }

    private func send(_ headers: HeaderList, endStream: Bool, on stream: ScriptedStream) {
        if stream.hasSentEnd {
            // nghttp2 drops what a stream's state forbids; a hand-written frame passes by it.
            perform(.raw(HTTP2Frame.headers(stream: stream.id, headers, endStream: endStream)))
        } else if !stream.isClosed {
            let flags = UInt8(truncatingIfNeeded: endStream ? NGHTTP2_FLAG_END_STREAM.rawValue : 0)
            _ = headers.withNameValues { pairs in
                nghttp2_submit_headers(session, flags, stream.id, nil, pairs.baseAddress, pairs.count, nil)
            }
            stream.hasSentHeaders = true
            stream.hasSentEnd = endStream
        }
    }

    private func send(_ bytes: [UInt8], endStream: Bool, on stream: ScriptedStream) {
        if stream.hasSentEnd || (!stream.hasSentHeaders && !stream.isClosed) {
            perform(.raw(HTTP2Frame.data(stream: stream.id, bytes, endStream: endStream)))
        } else if !stream.isClosed {
            stream.data = bytes[...]
            let flags = UInt8(truncatingIfNeeded: endStream ? NGHTTP2_FLAG_END_STREAM.rawValue : 0)
            var provider = ServerCallbacks.dataProvider
            if nghttp2_submit_data(session, flags, stream.id, &provider) == 0 { stream.waiting = .data }
            stream.hasSentEnd = endStream
        }
    }

    /// Whether nothing is left of the script; puts that on record.
    private func isDone(_ stream: ScriptedStream) -> Bool {
        guard stream.steps.isEmpty else { return false }
        switch stream.waiting {
        case .nothing:
            shared.update { $0.requests[stream.request].isScriptDone = true }
            return true
        case .request:
            return stream.isClosed
        case .data, .time, .gate:
            return false
        }
    }

    /// Serializes and writes, in turns where there is more than the output takes at once; false if that has to wait.
    private func flush() -> Bool {
        while !isClosed {
            let isSerialized = serialize()
            switch output.write(to: descriptor) {
            case .done: if isSerialized { return true }
            case .wouldBlock: return isSerialized
            case .failed: close(abruptly: false)
            }
        }
        return false
    }

    private func finish() {
        // Unread bytes would turn the close into a reset, and that could overtake the answer.
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { scratch in
            while recv(descriptor, scratch.baseAddress, scratch.count, 0) > 0 {}
        }
        close(abruptly: false)
    }

    private func send(_ settings: [HTTP2Setting]) {
        guard let session else { return }
        let entries = settings.map {
            nghttp2_settings_entry(settings_id: Int32($0.identifier), value: $0.value)
        }
        if nghttp2_submit_settings(session, 0, entries, entries.count) != 0 {
            // nghttp2 refuses values that RFC 9113 forbids; the test wants them on the wire.
            let payload = settings.flatMap { setting -> [UInt8] in
                [
                    UInt8(setting.identifier >> 8), UInt8(truncatingIfNeeded: setting.identifier),
                    UInt8(setting.value >> 24), UInt8(truncatingIfNeeded: setting.value >> 16),
                    UInt8(truncatingIfNeeded: setting.value >> 8), UInt8(truncatingIfNeeded: setting.value),
                ]
            }
            HTTP2Frame.bytes(type: 4, payload: payload).withUnsafeBytes { output.append(copying: $0) }
        }
    }

    // MARK: What nghttp2 tells

    override func beganHeaders(stream: Int32) {
        guard byID[stream] == nil else { return }
        let number = shared.update { state in
            let request = RecordedRequest(number: state.requests.count, connection: self.number, stream: stream)
            state.requests.append(request)
            return request.number
        }
        let added = ScriptedStream(id: stream, request: number)
        byID[stream] = added
        live.append(added)
    }

    override func receivedHeader(stream: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard let request = byID[stream]?.request else { return }
        let field = HeaderField(String(decoding: name, as: UTF8.self), bytes: Array(value))
        shared.update { state in
            if state.requests[request].hasHeaders {
                state.requests[request].trailers.fields.append(field)
            } else {
                state.requests[request].headers.fields.append(field)
            }
        }
    }

    override func receivedData(stream: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let request = byID[stream]?.request else { return }
        shared.update { $0.requests[request].body.append(contentsOf: bytes) }
    }

    override func received(frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        let isFlagged = { (flag: nghttp2_flag) in UInt32(header.flags) & flag.rawValue != 0 }
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
            requestAdvanced(
                stream: header.stream_id,
                hasHeaders: UInt32(header.type) == NGHTTP2_HEADERS.rawValue,
                isComplete: isFlagged(NGHTTP2_FLAG_END_STREAM)
            )
        case NGHTTP2_RST_STREAM.rawValue:
            guard let request = byID[header.stream_id]?.request else { return }
            let code = HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code)
            shared.update { $0.requests[request].resetCode = code }
        case NGHTTP2_SETTINGS.rawValue:
            let entries = UnsafeBufferPointer(start: frame.pointee.settings.iv, count: frame.pointee.settings.niv)
            let settings = entries.map {
                HTTP2Setting(identifier: UInt16(truncatingIfNeeded: $0.settings_id), value: $0.value)
            }
            record { connection in
                if isFlagged(NGHTTP2_FLAG_ACK) { connection.isSettingsAcknowledged = true }
                connection.settings += settings
            }
        case NGHTTP2_PING.rawValue:
            record { connection in
                if isFlagged(NGHTTP2_FLAG_ACK) { connection.pingAnswers += 1 } else { connection.pings += 1 }
            }
        case NGHTTP2_GOAWAY.rawValue:
            let code = HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code)
            record { $0.goAwayCode = code }
        case NGHTTP2_WINDOW_UPDATE.rawValue where header.stream_id == 0:
            let granted = frame.pointee.window_update.window_size_increment
            record { $0.windowGranted += Int64(granted) }
        case NGHTTP2_WINDOW_UPDATE.rawValue:
            guard let request = byID[header.stream_id]?.request else { return }
            let granted = frame.pointee.window_update.window_size_increment
            shared.update { $0.requests[request].windowGranted += Int64(granted) }
        default:
            break
        }
    }

    override func closedStream(_ stream: Int32, code: UInt32) {
        byID.removeValue(forKey: stream)?.isClosed = true
    }

    override func receivedViolation(_ what: String) {
        shared.update { $0.violations.append("connection \(number): \(what)") }
    }

    override func shouldSend(frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count >= 9 else { return true }
        switch UInt32(frame[3]) {
        case NGHTTP2_SETTINGS.rawValue where UInt32(frame[4]) & NGHTTP2_FLAG_ACK.rawValue != 0:
            return behavior.settings != nil
        case NGHTTP2_GOAWAY.rawValue:
            if expectedGoAways > 0 {
                expectedGoAways -= 1
            } else {
                receivedViolation("nghttp2 ended the connection")
                isEnding = true
            }
            return true
        default:
            return true
        }
    }

    override func readData(
        stream: Int32,
        into buffer: UnsafeMutableRawBufferPointer,
        flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard let stream = byID[stream] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let part = stream.data.prefix(buffer.count)
        buffer.copyBytes(from: part)
        stream.data = stream.data.dropFirst(part.count)
        let count = part.count
        shared.update { $0.requests[stream.request].sentBytes += count }
        if stream.data.isEmpty {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            stream.waiting = .nothing
        }
        return part.count
    }

    private func requestAdvanced(stream id: Int32, hasHeaders: Bool, isComplete: Bool) {
        guard let stream = byID[id] else { return }
        let request = shared.update { state in
            if hasHeaders, !state.requests[stream.request].hasHeaders {
                state.headersEnded(stream.request)
                stream.registration = state.registrations[state.requests[stream.request].path]
            }
            if isComplete { state.requests[stream.request].isComplete = true }
            return state.requests[stream.request]
        }
        guard stream.isWaitingForRequest else { return }
        guard isComplete || stream.registration?.start == .headers else { return }
        let script = stream.registration?.script(request) ?? .status(12, "no script for \(request.path)")
        stream.steps = script.steps[...]
        stream.waiting = .nothing
    }

    private func record(_ change: (inout RecordedConnection) -> Void) {
        shared.update { change(&$0.connections[number - 1]) }
    }
}
