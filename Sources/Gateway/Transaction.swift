internal import Bytes
internal import GRPCChannel
internal import HTTPRules
internal import HTTPServer
internal import RPCCore

/// A request that has become a call: holds the client's end until the call's outcome is known.
final class Transaction: ClientCall {
    /// Nil once it is answered: the channel may keep a call that has ended until its stream is off the wire, and the
    /// request's body need not wait for that.
    private var exchange: Exchange?
    private let route: Route
    private let pipeline: RequestPipeline
    /// The right to answer; nil once it is used.
    var writer: ResponseWriter?
    private var body = ByteBuffer()
    private var failure: RequestFailure?

    init(
        exchange: Exchange,
        route: Route,
        pipeline: RequestPipeline,
        method: PreparedMethod,
        message: consuming ByteBuffer,
        metadata: Metadata,
        deadline: Deadline
    ) {
        self.exchange = exchange
        self.route = route
        self.pipeline = pipeline
        super.init(method: method, message: message, metadata: metadata, deadline: deadline)
    }

    /// The message's bytes are lent for this call only, so the JSON is made before the status is known.
    override func didReceive(message: UnsafeRawBufferPointer) {
        body.truncate(to: 0)
        failure = pipeline.transcode(message, of: route, into: &body)
    }

    override func didClose() {
        guard let writer = writer.take(), let exchange = exchange.take(), let outcome else { return }
        if let failure = outcome.status.isOK ? failure : RequestFailure(outcome) {
            pipeline.send(failure, to: exchange, through: writer)
        } else {
            var answer = ByteBuffer()
            swap(&answer, &body)
            pipeline.send(answer, to: exchange, through: writer)
        }
    }
}
