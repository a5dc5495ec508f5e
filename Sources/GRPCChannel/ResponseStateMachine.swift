internal import Bytes
internal import RPCCore

/// The answer half of one gRPC call as a pure state machine (PROTOCOL-HTTP2, "Responses").
///
/// Headers, data and ends go in; messages and, once, an ``Ending`` come out. What arrives after the ending is
/// legitimately ignored: frames that were under way when the call was given up. A peer's fault is an ending with
/// origin `malformedAnswer`; only events before the request was sent would be our own bug, and the connection has no
/// way to produce those. Nothing is allocated for an answer that is one message and `grpc-status: 0`.
struct ResponseStateMachine: ~Copyable {
    /// How the call ended as far as the answer tells.
    struct Ending {
        let status: Status
        let origin: CallOutcome.Origin
        /// Whether the stream is still open and has to be reset.
        let resetsStream: Bool
    }

    /// What to do after an event.
    enum Verdict {
        case proceed
        case finish(Ending)
    }

    enum BodyEvent {
        /// The chunk is used up.
        case needsMore
        /// A message, somewhere in the chunk.
        case message(UnsafeRawBufferPointer)
        /// A message, to be had from ``ResponseStateMachine/takeAssembled()``.
        case assembled
        case finish(Ending)
    }

    private enum Phase {
        /// Nothing but 1xx answers so far.
        case headers
        case body
        case ended
    }

    private var phase = Phase.headers
    private var deframer = MessageDeframer()
    private var block = HeaderBlock()
    private var httpStatus = 0
    private var encoding: String?
    private var messageCount = 0
    private let isServerStreaming: Bool
    private let maxMessageBytes: Int
    private let maxHeaderListBytes: Int
    private let keepsInitialMetadata: Bool
    /// Kept only if it was asked for.
    private(set) var initialMetadata = Metadata()

    init(
        isServerStreaming: Bool,
        maxMessageBytes: Int,
        maxHeaderListBytes: Int,
        keepsInitialMetadata: Bool = false
    ) {
        self.isServerStreaming = isServerStreaming
        self.maxMessageBytes = maxMessageBytes
        self.maxHeaderListBytes = maxHeaderListBytes
        self.keepsInitialMetadata = keepsInitialMetadata
    }

    /// Whether response headers have come that do not end the stream: from then on the call is committed (gRFC A6).
    private(set) var isCommitted = false

    /// What the block that ended the stream says about trying again.
    var retryPushback: RetryPushback? { block.retryPushback }

    /// Custom metadata of the block that ended the stream.
    var trailers: Metadata { block.metadata }

    /// One field of a header block; `endsStream` says whether that block ends the stream.
    mutating func receiveHeader(
        name: UnsafeRawBufferPointer,
        value: UnsafeRawBufferPointer,
        endsStream: Bool
    ) -> Verdict {
        guard phase != .ended else { return .proceed }
        let keepsMetadata = endsStream || (keepsInitialMetadata && phase == .headers)
        switch block.add(name: name, value: value, isFinal: endsStream, keepsMetadata: keepsMetadata) {
        case nil: break
        case .httpStatus: return malformed("the answer's :status is malformed")
        case .contradictingStatus: return malformed("the answer has two different grpc-status")
        }
        guard block.byteCount <= maxHeaderListBytes else {
            return malformed("the answer's headers exceed \(maxHeaderListBytes) bytes")
        }
        return .proceed
    }

    /// The end of a header block.
    mutating func receiveHeadersEnd(endsStream: Bool) -> Verdict {
        switch phase {
        case .ended:
            return .proceed
        case .headers:
            guard block.httpStatus >= 100 else { return malformed("the answer has no :status") }
            if block.httpStatus < 200 {
                guard !endsStream else { return malformed("the answer ended after HTTP \(block.httpStatus)") }
                block = HeaderBlock()
                return .proceed
            }
            httpStatus = block.httpStatus
            encoding = block.encoding
            if endsStream { return finish() }
            isCommitted = true
            guard httpStatus == 200, block.contentType == .grpc else { return finishWithoutStatus(resetsStream: true) }
            if keepsInitialMetadata { initialMetadata = block.metadata }
            phase = .body
            block = HeaderBlock()
            return .proceed
        case .body:
            guard endsStream else { return malformed("headers in the middle of the answer") }
            return finish()
        }
    }

    /// The next event in a DATA chunk, which shrinks by what was used.
    mutating func receiveData(_ chunk: inout UnsafeRawBufferPointer) -> BodyEvent {
        guard phase == .body else {
            guard phase == .headers, !chunk.isEmpty else { return .needsMore }
            return .finish(end(.internalError, "data before the answer's headers", .malformedAnswer, resets: true))
        }
        guard isServerStreaming || messageCount == 0 || chunk.isEmpty else {
            return .finish(
                end(.internalError, "cardinality violation: more than one message", .malformedAnswer, resets: true)
            )
        }
        switch deframer.next(&chunk, limit: maxMessageBytes) {
        case .needsMore:
            return .needsMore
        case .whole(let message):
            messageCount += 1
            return .message(message)
        case .assembled:
            messageCount += 1
            return .assembled
        case .flagged(let flag):
            return .finish(end(.internalError, flagMessage(flag), .malformedAnswer, resets: true))
        case .tooLong(let length):
            let message = "the answer has \(length) bytes, more than the \(maxMessageBytes) allowed"
            return .finish(end(.resourceExhausted, message, .limit, resets: true))
        }
    }

    /// Length of the message that is on its way, 0 as long as it is not known.
    var announcedBytes: Int { deframer.announcedBytes }

    /// The message that ``BodyEvent/assembled`` announced.
    mutating func takeAssembled() -> ByteBuffer {
        deframer.takeAssembled()
    }

    /// END_STREAM on a DATA frame: an answer without trailers.
    mutating func receiveDataEnd() -> Verdict {
        switch phase {
        case .ended: return .proceed
        case .headers: return malformed("the answer ended before its headers", resets: false)
        case .body:
            guard !deframer.isInsideMessage else { return malformed("the answer's message is cut off", resets: false) }
            return finishWithoutStatus(resetsStream: false)
        }
    }

    /// RST_STREAM from the server, or a reset by our own HTTP/2 layer because the server broke the rules.
    mutating func receiveReset(_ code: HTTP2ErrorCode, byPeer: Bool) -> Verdict {
        guard phase != .ended else { return .proceed }
        guard byPeer else { return malformed("the answer breaks HTTP/2: \(code)", resets: false) }
        let message = "the upstream reset the stream: \(code)"
        return .finish(end(code.statusCode, message, .reset, resets: false))
    }

    /// Begins anew, for another answer.
    mutating func restart() {
        phase = .headers
        deframer = MessageDeframer()
        block = HeaderBlock()
        httpStatus = 0
        encoding = nil
        messageCount = 0
        isCommitted = false
        initialMetadata = Metadata()
    }

    /// The call ended for a reason outside of the answer: whatever still comes is ignored.
    mutating func abandon() {
        phase = .ended
        // The call may be kept for as long as its answer is written elsewhere.
        if deframer.isInsideMessage { deframer = MessageDeframer() }
    }

    /// The stream ended with a header block: trailers, or trailers-only.
    private mutating func finish() -> Verdict {
        guard let code = block.grpcStatus, block.contentType != .other || phase == .body else {
            if phase == .body, deframer.isInsideMessage {
                return malformed("the answer's message is cut off", resets: false)
            }
            return finishWithoutStatus(resetsStream: false)
        }
        guard code == .ok else {
            let status = Status(code, block.message, details: block.details)
            phase = .ended
            let origin: CallOutcome.Origin = block.hasMalformedStatus ? .malformedAnswer : .upstream
            return .finish(Ending(status: status, origin: origin, resetsStream: false))
        }
        guard !deframer.isInsideMessage else { return malformed("the answer's message is cut off", resets: false) }
        guard isServerStreaming || messageCount == 1 else {
            return malformed("cardinality violation: no message", resets: false)
        }
        phase = .ended
        let status = Status(.ok, block.message, details: block.details)
        return .finish(Ending(status: status, origin: .upstream, resetsStream: false))
    }

    private mutating func finishWithoutStatus(resetsStream: Bool) -> Verdict {
        let message: String
        if phase == .headers, let contentType = block.otherContentType {
            message = "the upstream answered HTTP \(httpStatus) with content-type \(contentType) instead of gRPC"
        } else {
            message = "the upstream answered HTTP \(httpStatus) without grpc-status"
        }
        let code = StatusCode(ofHTTPStatus: httpStatus)
        // A 4xx refuses the request (RFC 9110, section 15.5); after anything else it may have been carried out, as
        // where a proxy gave up on a server that had got it. Some say so by 408, which is for requests that did not come
        // in time.
        let isRefusal = (400...499).contains(httpStatus) && httpStatus != 408
        let origin: CallOutcome.Origin = isRefusal ? .httpRefusal : .httpAnswer
        return .finish(end(code, message, origin, resets: resetsStream))
    }

    private func flagMessage(_ flag: UInt8) -> String {
        guard flag == 1 else { return "the answer's message has the flags \(flag)" }
        guard let encoding else { return "the answer is compressed, though no grpc-encoding was given" }
        return "the answer is compressed with \(encoding), which was not offered"
    }

    private mutating func malformed(_ message: String, resets: Bool = true) -> Verdict {
        .finish(end(.internalError, message, .malformedAnswer, resets: resets))
    }

    private mutating func end(
        _ code: StatusCode,
        _ message: String,
        _ origin: CallOutcome.Origin,
        resets: Bool
    ) -> Ending {
        phase = .ended
        return Ending(status: Status(code, message), origin: origin, resetsStream: resets)
    }
}
