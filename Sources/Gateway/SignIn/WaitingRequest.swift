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
    /// Bytes of its body, which it keeps in memory.
    let size: Int
    /// Called if it is answered before the sign-in has ended.
    var onGone: (() -> Void)?

    /// `attempt` is what the request becomes once it has a token.
    init(_ exchange: Exchange, _ attempt: RequestAttempt, pipeline: RequestPipeline) {
        self.pipeline = pipeline
        self.exchange = exchange
        self.attempt = attempt
        size = exchange.body.count
    }

    var isWaiting: Bool { exchange != nil }

    /// Takes the right to answer, and waits.
    func wait(_ writer: consuming ResponseWriter) {
        self.writer = .some(consume writer)
        // Unowned: the list of those that wait keeps it until it is answered or goes on.
        exchange?.onHangUp = { [unowned self] in giveUp(.cancelledWhileWaiting) }
        timer = LoopTimer(on: pipeline.loop) { [unowned self] in giveUp(.signInDeadline) }
        let left = attempt.deadline.remaining(at: pipeline.loop.turnStart())
        timer?.start(afterMilliseconds: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
    }

    /// Becomes a call with `token`, if it still waits.
    func proceed(with token: AccessToken) {
        attempt.token = token
        startAgain()
    }

    /// Asks for a token once more where that is of use, or else answers with `failure`.
    func retry(after reason: SignInFailure, or failure: RequestFailure) {
        guard reason.isWorthAnotherTry, !attempt.isRetry, pipeline.loop.now() < attempt.deadline else {
            return fail(failure)
        }
        attempt.isRetry = true
        startAgain()
    }

    private func startAgain() {
        stopTimer()
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        exchange.record.enter(.gateway, at: exchange.now)
        pipeline.start(again: attempt, exchange, writer)
    }

    /// Answers with an error, if it still waits.
    func fail(_ failure: RequestFailure) {
        stopTimer()
        guard let writer = writer.take(), let exchange = exchange.take() else { return }
        exchange.record.enter(.gateway, at: exchange.now)
        pipeline.send(failure, requestID: attempt.requestID, to: exchange, through: writer)
    }

    private func giveUp(_ failure: RequestFailure) {
        guard isWaiting else { return }
        fail(failure)
        onGone?()
    }

    private func stopTimer() {
        timer?.close()
        timer = nil
    }
}
