internal import EventLoop
internal import HTTPServer
internal import RPCCore

/// A request that waits for a sign-in: holds the client's end, and nothing of the call it will become.
///
/// The call is made of the exchange once there is a token. Until then its client may go and its deadline may pass.
final class WaitingRequest {
    private let pipeline: RequestPipeline
    private var exchange: Exchange?
    private var writer: ResponseWriter?
    private let attempt: RequestAttempt
    private var timer: LoopTimer?

    /// `attempt` is what the request becomes once it has a token.
    init(_ exchange: Exchange, _ attempt: RequestAttempt, pipeline: RequestPipeline) {
        self.pipeline = pipeline
        self.exchange = exchange
        self.attempt = attempt
    }

    /// Takes the right to answer, and waits.
    func wait(_ writer: consuming ResponseWriter) {
        self.writer = .some(consume writer)
        // Unowned: the list of those that wait keeps it until it is answered or goes on.
        exchange?.onHangUp = { [unowned self] in fail(.cancelledWhileWaiting) }
        timer = LoopTimer(on: pipeline.loop) { [unowned self] in fail(.signInDeadline) }
        let left = attempt.deadline.remaining(at: pipeline.loop.turnStart())
        timer?.start(afterMilliseconds: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
    }

    /// Becomes a call with `token`, if it still waits.
    func proceed(with token: AccessToken) {
        stopTimer()
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        attempt.token = token
        pipeline.start(again: attempt, exchange, writer)
    }

    /// Answers with an error, if it still waits.
    func fail(_ failure: RequestFailure) {
        stopTimer()
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        pipeline.send(failure, requestID: attempt.requestID, to: exchange, through: writer)
    }

    private func stopTimer() {
        timer?.close()
        timer = nil
    }
}
