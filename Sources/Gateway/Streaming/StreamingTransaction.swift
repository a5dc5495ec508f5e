internal import Bytes
internal import GRPCChannel
internal import HTTPServer
internal import RPCCore
internal import Transcoding

/// A call whose answer is a stream of messages, each passed on as it comes.
///
/// The HTTP answer begins with the first message; a call that fails before that is answered as any other. While the
/// client reads slower than upstream sends, the call's flow-control window stays closed.
final class StreamingTransaction: Transaction {
    private let format: StreamFormat
    private var stream: ResponseStream?
    /// One record at a time.
    private var record = ByteBuffer()
    /// What the gateway itself found wrong with an answer, which is why it gave the call up.
    private var failure: RequestFailure?

    required init(
        exchange: Exchange,
        route: ServedRoute,
        pipeline: RequestPipeline,
        message: consuming ByteBuffer,
        metadata: Metadata,
        deadline: Deadline
    ) {
        format = StreamFormat(accept: exchange.header("accept"))
        super.init(
            exchange: exchange,
            route: route,
            pipeline: pipeline,
            message: message,
            metadata: metadata,
            deadline: deadline
        )
    }

    override func didReceive(message: UnsafeRawBufferPointer) {
        guard failure == nil else { return }
        do throws(RequestFailure) {
            if route.answersHTTPBody {
                try passOn(message)
            } else {
                try appendRecord(message)
            }
        } catch {
            failure = error
            cancel()
        }
    }

    /// Sends the bytes of a `google.api.HttpBody`; the first one names the type of all.
    private func passOn(_ message: UnsafeRawBufferPointer) throws(RequestFailure) {
        let content = try pipeline.httpBody(message, of: route)
        if stream == nil { open(contentType: content.contentTypeText) }
        write(content.data)
    }

    private func appendRecord(_ message: UnsafeRawBufferPointer) throws(RequestFailure) {
        record.truncate(to: 0)
        format.appendPrefix(isFirst: stream == nil, to: &record)
        try pipeline.transcode(message, of: route, into: &record)
        format.appendSuffix(to: &record)
        if stream == nil { open(contentType: nil) }
        write(record.bytes)
    }

    private func open(contentType: String?) {
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        let stream = pipeline.stream(format, contentType: contentType, to: exchange, through: writer)
        stream.onDrain = { [unowned self] in releaseWindow() }
        self.stream = stream
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        guard let stream else { return }
        stream.write(bytes)
        if stream.pendingByteCount > ResponseStream.highWater { holdWindow() }
    }

    override func didClose() {
        guard let outcome else { return }
        let failure = failure ?? (outcome.status.isOK ? nil : RequestFailure(outcome))
        if stream == nil, let failure { return fail(failure) }
        let isEmpty = stream == nil
        if isEmpty { open(contentType: route.answersHTTPBody ? HTTPBody.anyContentType : nil) }
        guard let stream = stream.take() else { return }
        end(stream, isEmpty: isEmpty, failure)
    }

    private func end(_ stream: ResponseStream, isEmpty: Bool, _ failure: RequestFailure?) {
        stream.onDrain = nil
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
