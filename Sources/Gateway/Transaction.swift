internal import Bytes
internal import EventLoop
internal import GRPCChannel
internal import HTTPServer
internal import RPCCore
internal import Transcoding

/// A request that has become a call: holds the client's end until the call's outcome is known.
class Transaction: ClientCall {
    /// Nil once the answer is complete: the channel may keep a call that has ended until its stream is off the wire, and
    /// the request's body need not wait for that.
    final var exchange: Exchange?
    final let route: ServedRoute
    final let pipeline: RequestPipeline
    /// What the answer's `X-Request-Id` says, and upstream was told.
    final let requestID: String
    /// The right to answer; nil once it is used.
    final var writer: ResponseWriter?
    /// The token that the call went with, if the gateway has got it.
    final var usage: SignIn.Usage?

    required init(
        exchange: Exchange,
        route: ServedRoute,
        pipeline: RequestPipeline,
        requestID: String,
        message: consuming ByteBuffer,
        metadata: Metadata,
        deadline: Deadline
    ) {
        self.exchange = exchange
        self.route = route
        self.pipeline = pipeline
        self.requestID = requestID
        super.init(
            method: route.method,
            message: message,
            metadata: metadata,
            deadline: deadline,
            keepsInitialMetadata: !pipeline.exposedMetadata.isEmpty
        )
    }

    /// Has the call given up when the client goes.
    final func watchForHangUp() {
        // A cycle that the answer breaks, which each call comes to. What is queued of a stream outlives the call, and an unowned
        // reference would be kept in an object of its own.
        exchange?.onHangUp = { [self] in cancel() }
    }

    /// Sees to it that a token is used no more that upstream has refused, whatever becomes of the answer.
    override func didClose() {
        if let code = outcome?.status.code { pipeline.metrics.countCall(of: route.methodLabel, code) }
        if pipeline.observer.isLogging { exchange?.record.upstream = peerAddress }
        if let usage, let outcome, SignIn.Usage.isRefusal(outcome) { pipeline.drop(usage) }
    }

    /// Makes the call once more with a new token, if upstream did not let it in with the one it had.
    ///
    /// That is safe whatever the method: UNAUTHENTICATED says that nothing was done. Once is enough, and only where the
    /// client is still there, has nothing of an answer, and has time left.
    ///
    /// - Returns: whether the answer is another call's business from now on.
    final func signsInAgain(after outcome: CallOutcome) -> Bool {
        guard let usage, !usage.isLastAttempt, SignIn.Usage.isRefusal(outcome),
            exchange?.onHangUp != nil, pipeline.loop.turnStart() < deadline,
            let writer = writer.take(), let exchange = exchange.take()
        else { return false }
        let attempt = RequestAttempt(requestID: requestID, deadline: deadline, refused: usage)
        pipeline.start(again: attempt, exchange, writer)
        return true
    }

    /// Answers with an error, if nothing was answered yet.
    final func fail(_ failure: RequestFailure) {
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        pipeline.send(failure, of: self, to: exchange, through: writer)
    }
}

/// A call whose answer is one message.
final class UnaryTransaction: Transaction {
    /// Bytes of JSON for each byte of the wire format, with names, quotes and defaults.
    private static let jsonExpansion = 4

    private var body = ByteBuffer()
    /// Of an answer that is not JSON.
    private var contentType: String?
    /// Of what the call has made.
    private var location = Location()
    private var failure: RequestFailure?
    private var hasMessage = false
    /// When the loop turn began in which it came.
    private var messageTurn = Deadline.never

    /// The message's bytes are lent for this call only, so the answer is made before the status is known.
    override func didReceive(message: UnsafeRawBufferPointer) {
        hasMessage = true
        messageTurn = pipeline.loop.turnStart()
        // There until the answer is.
        guard let exchange else { return }
        noteAnswer()
        do throws(RequestFailure) {
            if route.answersHTTPBody {
                let content = try pipeline.httpBody(message, of: route)
                contentType = content.contentTypeText
                body.append(contentsOf: content.data)
            } else {
                // Enough for most; what is not written to costs nothing but address space where it is much.
                let expansion = UnaryTransaction.jsonExpansion
                let capacity = min(message.count, .max / expansion) * expansion
                body = exchange.makeBody(capacity: capacity)
                try pipeline.transcode(message, of: route, into: &body)
            }
        } catch {
            failure = error
        }
        if let template = route.location {
            location = pipeline.location(template, of: message, for: exchange)
        }
    }

    override func didClose() {
        super.didClose()
        noteEnd()
        // Most calls end well: for those the outcome is not copied.
        guard outcome?.status.isOK == true else { return signInAgainOrFail() }
        if let failure { return fail(failure) }
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        var answer = ByteBuffer()
        swap(&answer, &body)
        pipeline.send(answer, contentType: contentType, location: location, of: self, to: exchange, through: writer)
    }

    /// Makes the call once more, or answers with what it has ended with.
    private func signInAgainOrFail() {
        guard let outcome else { return }
        // With a message the call was let in, whatever its end says.
        if !hasMessage, signsInAgain(after: outcome) { return }
        fail(pipeline.failure(of: self, outcome))
    }

    /// The end comes with the message as a rule; where it is late, that is upstream's time.
    private func noteEnd() {
        if hasMessage, messageTurn != pipeline.loop.turnStart() { exchange?.record.rename(to: .upstream) }
        if !hasMessage || exchange?.record.phase == .upstream { noteAnswer() }
    }
}
