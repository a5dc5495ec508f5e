internal import CNGHTTP2

/// One connection of a canned upstream.
///
/// All it keeps of a stream is a slot that nghttp2 carries as the stream's user data: index of the answer and bytes sent.
final class CannedConnection: HTTP2ServerConnection {
    private struct Slot {
        /// Index into `answers`, ``unknownPath`` for none.
        var answer: Int
        var sent: Int
        /// Next free slot, -1 for none; only of a free slot.
        var next: Int
    }

    /// A call whose answer is held back until `due`.
    private struct HeldBack {
        let stream: Int32
        let answer: Int
        let due: MonotonicTime
    }

    private static let unknownPath = -1
    /// Bodies up to this size are copied beside their frame header, longer ones are only pointed at.
    private static let copyLimit = 2048

    private let answers: [CannedAnswer]
    private let unimplemented: PreparedHeaders
    private let delay: Duration?
    /// Held back for `delay` each, so the first is always the next that is due; those before `firstHeldBack` are answered.
    private var heldBack: [HeldBack] = []
    private var firstHeldBack = 0
    private var slots: [Slot] = []
    private var firstFree = -1
    /// The answer to the request whose header block is coming in; blocks never interleave.
    private var current = CannedConnection.unknownPath
    /// The socket takes no more for now.
    var isBlocked = false

    /// Takes over `descriptor`, also where it throws.
    init(
        descriptor: Int32,
        answers: [CannedAnswer],
        unimplemented: PreparedHeaders,
        delay: Duration?
    ) throws(SystemError) {
        self.answers = answers
        self.unimplemented = unimplemented
        self.delay = delay
        try super.init(descriptor: descriptor, options: Options())
        let settings = [
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: 1000),
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: 1 << 20),
        ]
        nghttp2_submit_settings(session, 0, settings, settings.count)
    }

    /// When the next answer is to be given that is held back, nil for none.
    var nextDue: MonotonicTime? { firstHeldBack < heldBack.count ? heldBack[firstHeldBack].due : nil }

    /// Gives the answers that are due.
    func answerDue(by now: MonotonicTime) {
        while let due = nextDue, due <= now {
            let call = heldBack[firstHeldBack]
            firstHeldBack += 1
            // Not where the client has given up meanwhile.
            if nghttp2_session_get_stream_local_close(session, call.stream) == 0 { give(call.answer, to: call.stream) }
        }
        // Seldom, so that an answer costs a share of a move that does not grow with those that wait.
        if firstHeldBack > heldBack.count / 2 {
            heldBack.removeFirst(firstHeldBack)
            firstHeldBack = 0
        }
    }

    override func beganHeaders(stream: Int32) {
        current = CannedConnection.unknownPath
    }

    override func receivedHeader(stream: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        // The only pseudo-header field of five bytes is `:path`.
        guard name.count == 5, name[0] == UInt8(ascii: ":") else { return }
        current = CannedConnection.unknownPath
        for index in answers.indices where answers[index].isAnswer(to: value) {
            current = index
            return
        }
    }

    override func received(frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        let isEnd = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue where frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST:
            if isEnd {
                answer(header.stream_id, with: current)
            } else {
                // Slot numbers travel as pointers; 0 would be nil.
                let slot = takeSlot(Slot(answer: current, sent: 0, next: -1))
                nghttp2_session_set_stream_user_data(
                    session,
                    header.stream_id,
                    UnsafeMutableRawPointer(bitPattern: slot + 1)
                )
            }
        case NGHTTP2_HEADERS.rawValue where isEnd, NGHTTP2_DATA.rawValue where isEnd:
            guard let slot = slot(of: header.stream_id) else { return }
            answer(header.stream_id, with: slots[slot].answer)
        default:
            break
        }
    }

    override func closedStream(_ stream: Int32, code: UInt32) {
        guard let slot = slot(of: stream) else { return }
        slots[slot].next = firstFree
        firstFree = slot
    }

    override func readData(
        stream: Int32,
        into buffer: UnsafeMutableRawBufferPointer,
        flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard let slot = slot(of: stream) else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let answer = answers[slots[slot].answer]
        let left = answer.body.count - slots[slot].sent
        flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        if left <= buffer.count {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            let trailers = answer.trailers.pairs
            nghttp2_submit_trailer(session, stream, trailers.baseAddress, trailers.count)
        }
        return min(left, buffer.count)
    }

    override func sendData(stream: Int32, header: UnsafeRawBufferPointer, count: Int) {
        output.append(copying: header)
        guard let slot = slot(of: stream) else { return }
        let start = slots[slot].sent
        let part = UnsafeRawBufferPointer(rebasing: answers[slots[slot].answer].body[start..<start + count])
        if count <= CannedConnection.copyLimit {
            output.append(copying: part)
        } else {
            output.append(referring: part)
        }
        slots[slot].sent += count
    }

    private func answer(_ stream: Int32, with index: Int) {
        if let delay {
            heldBack.append(HeldBack(stream: stream, answer: index, due: MonotonicTime.now.advanced(by: delay)))
        } else {
            give(index, to: stream)
        }
    }

    private func give(_ index: Int, to stream: Int32) {
        guard index >= 0 else {
            nghttp2_submit_response(session, stream, unimplemented.pairs.baseAddress, unimplemented.pairs.count, nil)
            return
        }
        let headers = answers[index].headers.pairs
        guard answers[index].body.count > 0 else {
            nghttp2_submit_response(session, stream, headers.baseAddress, headers.count, nil)
            return
        }
        if slot(of: stream) == nil {
            let slot = takeSlot(Slot(answer: index, sent: 0, next: -1))
            nghttp2_session_set_stream_user_data(session, stream, UnsafeMutableRawPointer(bitPattern: slot + 1))
        }
        var provider = ServerCallbacks.dataProvider
        nghttp2_submit_response(session, stream, headers.baseAddress, headers.count, &provider)
    }

    private func slot(of stream: Int32) -> Int? {
        guard let data = nghttp2_session_get_stream_user_data(session, stream) else { return nil }
        return Int(bitPattern: data) - 1
    }

    private func takeSlot(_ content: Slot) -> Int {
        guard firstFree >= 0 else {
            slots.append(content)
            return slots.count - 1
        }
        let slot = firstFree
        firstFree = slots[slot].next
        slots[slot] = content
        return slot
    }
}
