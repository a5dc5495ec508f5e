internal import Bytes
internal import EventLoop
internal import GRPCChannel
internal import HTTPServer
internal import RPCCore
internal import Transcoding

/// A call whose answer is a stream of messages, each passed on as it comes.
///
/// The HTTP answer begins with the first message; a call that fails before that is answered as any other. While the
/// client reads slower than upstream sends, messages wait as they came and the call's flow-control window stays closed.
final class StreamingTransaction: Transaction {
    private let format: StreamFormat
    private var stream: ResponseStream?
    /// Whose record is to hear of the stream's end; a cycle that ends with the stream, or with the client.
    private var answered: Exchange?
    /// One record at a time.
    private var record = ByteBuffer()
    /// What came while the client was behind.
    private var queue = MessageQueue()
    /// The client has so much to read that nothing more is made for it.
    private var isBehind = false
    /// What the gateway itself found wrong with an answer, which is why it gave the call up.
    private var failure: RequestFailure?
    private var keepAlive: LoopTimer?
    /// Nothing was written since the last look.
    private var isQuiet = true

    required init(
        exchange: Exchange,
        route: ServedRoute,
        pipeline: RequestPipeline,
        requestID: String,
        message: consuming ByteBuffer,
        metadata: Metadata,
        deadline: Deadline
    ) {
        format = StreamFormat(accept: exchange.list("accept"))
        super.init(
            exchange: exchange,
            route: route,
            pipeline: pipeline,
            requestID: requestID,
            message: message,
            metadata: metadata,
            deadline: deadline
        )
        if format == .events, !route.answersHTTPBody { startKeepAlive() }
    }

    // MARK: - Messages

    override func didReceive(message: UnsafeRawBufferPointer) {
        guard failure == nil else { return }
        if isBehind {
            queue.append(message)
        } else {
            pass(message)
        }
    }

    private func pass(_ message: UnsafeRawBufferPointer) {
        do throws(RequestFailure) {
            if route.answersHTTPBody {
                try passBytes(message)
            } else {
                try passRecord(message)
            }
        } catch {
            failure = error
            queue.removeAll()
            cancel()
        }
    }

    /// Sends the bytes of a `google.api.HttpBody`; the first one names the type of all.
    private func passBytes(_ message: UnsafeRawBufferPointer) throws(RequestFailure) {
        let content = try pipeline.httpBody(message, of: route)
        if stream == nil { open(contentType: content.contentTypeText) }
        write(content.data)
    }

    private func passRecord(_ message: UnsafeRawBufferPointer) throws(RequestFailure) {
        record.truncate(to: 0)
        format.appendPrefix(isFirst: stream == nil, to: &record)
        try pipeline.transcode(message, of: route, into: &record)
        format.appendSuffix(to: &record)
        if stream == nil { open(contentType: nil) }
        write(record.bytes)
        // A stream may last, and need not keep the memory of its largest message.
        if record.capacity > ResponseStream.lowWater { record = ByteBuffer() }
    }

    private func open(contentType: String?) {
        noteAnswer()
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        if pipeline.observer.isLogging { exchange.record.upstream = peerAddress }
        answered = exchange
        let stream = pipeline.stream(format, contentType: contentType, of: self, to: exchange, through: writer)
        // A cycle that the end of the stream, or of the client, breaks.
        stream.onDrain = { [self] in clientHasRead() }
        self.stream = stream
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        guard let stream else { return }
        isQuiet = false
        stream.write(bytes)
        guard stream.pendingByteCount > ResponseStream.highWater else { return }
        isBehind = true
        holdWindow()
    }

    private func clientHasRead() {
        guard isBehind, let stream else { return }
        while stream.pendingByteCount <= ResponseStream.highWater {
            guard let message = queue.next() else {
                isBehind = false
                releaseWindow()
                break
            }
            pass(message)
        }
        endIfDone()
    }

    // MARK: - The end

    override func didClose() {
        super.didClose()
        if stream == nil { noteAnswer() }
        keepAlive?.close()
        keepAlive = nil
        endIfDone()
    }

    /// Ends the answer once the call has ended and all that it brought is passed on.
    private func endIfDone() {
        guard let outcome, queue.isEmpty else { return }
        let failure = failure ?? (outcome.status.isOK ? nil : pipeline.failure(of: self, outcome))
        if stream == nil, let failure {
            if signsInAgain(after: outcome) { return }
            return fail(failure)
        }
        let isEmpty = stream == nil
        if isEmpty { open(contentType: route.answersHTTPBody ? HTTPBody.anyContentType : nil) }
        guard let stream = stream.take() else { return }
        end(stream, isEmpty: isEmpty, failure)
    }

    private func end(_ stream: ResponseStream, isEmpty: Bool, _ failure: RequestFailure?) {
        if let answered = answered.take() {
            if let failure {
                pipeline.note(failure, in: answered)
            } else {
                answered.record.code = StatusCode.ok.rawValue
            }
        }
        if route.answersHTTPBody {
            // Bytes have no place for an error: cut off is all that they can be.
            return failure == nil ? stream.finish() : stream.abort()
        }
        record.truncate(to: 0)
        if let failure {
            format.appendError(pipeline.document(of: failure), to: &record)
        } else {
            format.appendEnd(isEmpty: isEmpty, to: &record)
        }
        stream.write(record.bytes)
        stream.finish()
    }
}

// MARK: - Keeping quiet streams alive

extension StreamingTransaction {
    /// Milliseconds after which a stream of events that has none begins all the same, so that its client knows.
    private static let patience: UInt64 = 1000

    /// Sends comments while upstream is silent, which the client passes over and proxies do not time out on.
    ///
    /// The WHATWG's HTML recommends this "every 15 seconds or so" (section 9.2.7).
    private func startKeepAlive() {
        let interval = pipeline.eventKeepAlive
        keepAlive = LoopTimer(on: pipeline.loop) { [unowned self] in
            if stream == nil { open(contentType: nil) }
            if isQuiet, let stream, stream.pendingByteCount == 0 {
                record.truncate(to: 0)
                StreamFormat.appendComment(to: &record)
                stream.write(record.bytes)
            }
            isQuiet = true
            keepAlive?.start(afterMilliseconds: interval)
        }
        keepAlive?.start(afterMilliseconds: min(interval, StreamingTransaction.patience))
    }
}
