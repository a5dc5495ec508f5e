internal import Bytes
package import EventLoop
package import RPCCore

/// A gRPC client for one service, wherever it has servers, on one loop's thread.
///
/// It owns what concerns calls: deadlines, the list of those that wait, retries of those that no application can
/// have seen. Which server gets a call is the business of ``Balancer``, connections are that of ``Subchannel``. Frames are not written before ``flush()``, so that all
/// calls of one loop turn leave in one write.
package final class GRPCChannel {
    let loop: EventLoop
    let configuration: Configuration
    private var balancer: Balancer?
    private var waiting = CallList()
    /// Calls were put back into the queue and have yet to be offered to all connections.
    private var mustOfferWaitingCalls = false
    /// Calls were started while connections were being flushed, perhaps on one that had had its turn.
    private var mustFlushAgain = false
    /// Calls that wait before they are made anew.
    private var delayed = CallList()
    private var retryTimer: LoopTimer?
    /// What ``retryTimer`` is set to.
    private var nextRetry = Deadline.never
    private var throttle: RetryThrottle
    private var random = SystemRandomNumberGenerator()
    private var deadlines = DeadlineHeap()
    private var deadlineTimer: LoopTimer?
    /// What ``deadlineTimer`` is set to, if it is.
    private var armedDeadline: Deadline?
    /// Calls that have ended but were not told yet, as that must not happen where it was noticed.
    private var ended: [ClientCall] = []
    private var endedTimer: LoopTimer?
    /// Bytes of messages that have begun and not ended.
    private var incomingBytes = 0
    /// Above 0 while no hook may run: within ``start(_:)``, ``cancel(_:)`` and ``flush()``.
    private var barred = 0
    private var isClosed = false

    package init(loop: EventLoop, configuration: Configuration) {
        self.loop = loop
        self.configuration = configuration
        throttle = RetryThrottle(configuration.retry)
        balancer = Balancer(channel: self)
        // A cycle that close() breaks. A weak reference would give the channel a side table, and with that every
        // retain of it, several a call, would take Swift's slow path.
        deadlineTimer = LoopTimer(on: loop) { self.expireCalls() }
        endedTimer = LoopTimer(on: loop) { self.reportEndedCalls() }
        retryTimer = LoopTimer(on: loop) { self.startDelayedCalls() }
    }

    deinit {
        assert(isClosed, "a GRPCChannel must be closed")
    }

    /// Makes a method ready to be called on this channel; once a method, not once a call.
    package func prepare(_ method: MethodDescriptor) -> PreparedMethod {
        PreparedMethod(method, configuration: configuration)
    }

    package var onStateChange: (() -> Void)?
    package func snapshot() -> [UpstreamState] { [] }

    /// Whether calls can be made now.
    package var state: ConnectivityState { balancer?.state ?? .shutdown }

    /// Starts connecting, where the first call would otherwise do so.
    package func connect() {
        balancer?.connect()
    }

    /// Starts a call, which ends with ``ClientCall/didClose()`` whatever happens.
    package func start(_ call: ClientCall) {
        guard call.stage == .new else { return assertionFailure("a call is started once") }
        barred += 1
        defer { barred -= 1 }
        call.channel = self
        guard balancer != nil else { return end(call, Status(.unavailable, "the channel is closed"), .cancelled) }
        guard MessageFraming.finish(&call.message) else {
            return end(call, Status(.internalError, "the request exceeds 4 GiB"), .unsendable)
        }
        if call.deadline != .never {
            guard loop.turnStart() < call.deadline else {
                return end(call, Status(.deadlineExceeded, "the deadline had passed before the call"), .deadline)
            }
            deadlines.insert(call)
            armDeadlineTimer()
        }
        dispatch(call)
    }

    /// Starts a call on a connection, or lets it wait for one.
    private func dispatch(_ call: ClientCall) {
        if waiting.isEmpty, let connection = balancer?.pick() {
            connection.start(call)
        } else {
            park(call)
        }
    }

    /// Writes what has gathered, one write a connection.
    ///
    /// To be called once a loop turn, right before polling.
    package func flush() {
        guard barred == 0, let balancer else { return }
        barred += 1
        if mustOfferWaitingCalls { startWaitingCalls() }
        repeat {
            mustFlushAgain = false
            balancer.flush()
        } while mustFlushAgain
        barred -= 1
    }

    /// Ends all calls and connections; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        // No call of a hook may find a way to a connection any more.
        let closing = balancer
        balancer = nil
        closing?.close()
        while let call = waiting.popFirst() ?? delayed.popFirst() {
            end(call, Status(.unavailable, "the channel was closed"), .cancelled)
        }
        reportEndedCalls()
        deadlineTimer?.close()
        deadlineTimer = nil
        endedTimer?.close()
        endedTimer = nil
        retryTimer?.close()
        retryTimer = nil
    }

    // MARK: - Ending calls

    /// Ends a call whose attempt has ended, unless another one is to follow.
    func conclude(_ call: ClientCall, _ status: Status, _ origin: CallOutcome.Origin) {
        if status.isOK {
            throttle.callSucceeded()
        } else if call.stage == .streaming, planRetry(of: call, after: status, origin) {
            // Where the stream is still there, the connection says when it is not.
            if call.connection == nil { delay(call) }
            return
        }
        end(call, status, origin, trailers: call.response.trailers)
    }

    /// Counts what the call's answer has announced; false where that is more than all of them may hold.
    func hasRoomForAnswer(of call: ClientCall) -> Bool {
        let announced = call.response.announcedBytes
        guard announced != call.incomingBytes else { return true }
        incomingBytes += announced - call.incomingBytes
        call.incomingBytes = announced
        return announced == 0 || incomingBytes <= configuration.maxIncomingBytes
    }

    /// Ends a call: everything that ends one comes through here, once.
    func end(
        _ call: ClientCall,
        _ status: Status,
        _ origin: CallOutcome.Origin,
        trailers: Metadata = Metadata(),
        retryAfter: UInt64? = nil
    ) {
        guard call.stage != .ended else { return }
        call.stage = .ended
        incomingBytes -= call.incomingBytes
        call.incomingBytes = 0
        deadlines.remove(call)
        call.response.abandon()
        // The stream may outlive the call for as long as the server reads nothing.
        call.message = ByteBuffer()
        call.outcome = CallOutcome(
            status: status,
            trailers: trailers,
            origin: origin,
            reach: call.reach,
            retryAfter: retryAfter
        )
        guard barred > 0 else { return tell(call) }
        if ended.isEmpty { reportSoon() }
        ended.append(call)
    }

    func cancel(_ call: ClientCall) {
        barred += 1
        giveUp(call, Status(.cancelled, "the call was cancelled"), .cancelled)
        barred -= 1
    }

    /// Ends a call that the answer did not end, with its stream or its place in the queue.
    private func giveUp(_ call: ClientCall, _ status: Status, _ origin: CallOutcome.Origin) {
        switch call.stage {
        case .new, .ended: return
        case .waiting: waiting.remove(call)
        case .delayed: delayed.remove(call)
        case .streaming: call.connection?.abandon(call)
        }
        end(call, status, origin)
    }

    private func tell(_ call: ClientCall) {
        call.channel = nil
        call.didClose()
    }

    private func reportSoon() {
        if isClosed {
            // The timer is gone, and a call that is started now is told all the same.
            LoopTimer.callSoon(on: loop) { self.reportEndedCalls() }
        } else {
            endedTimer?.start(afterMilliseconds: 0)
        }
    }

    private func reportEndedCalls() {
        // A hook may end further calls; those get a turn of their own, or this loop if the channel is closing.
        repeat {
            let calls = ended
            ended = []
            for call in calls { tell(call) }
        } while isClosed && !ended.isEmpty
    }

    // MARK: - Deadlines

    private func armDeadlineTimer() {
        guard let nearest = deadlines.nearest, armedDeadline.map({ nearest < $0 }) ?? true else { return }
        armedDeadline = nearest
        let wait = nearest.remaining(at: loop.turnStart())
        deadlineTimer?.start(afterMilliseconds: wait / 1_000_000 + (wait % 1_000_000 == 0 ? 0 : 1))
    }

    private func expireCalls() {
        armedDeadline = nil
        let now = loop.turnStart()
        while let call = deadlines.firstExpired(at: now) {
            giveUp(call, Status(.deadlineExceeded, phase(of: call)), .deadline)
        }
        armDeadlineTimer()
    }

    private func phase(of call: ClientCall) -> String {
        if call.stage == .delayed { return "the deadline passed while waiting to try again" }
        guard call.stage == .waiting else { return "the deadline passed while waiting for the upstream's answer" }
        if case .ready = state { return "the deadline passed while waiting for a free stream to the upstream" }
        return "the deadline passed while connecting to the upstream"
    }

    // MARK: - The queue

    /// Lets a new call wait, or ends it where waiting is of no use.
    private func park(_ call: ClientCall) {
        if let failure = balancer?.failure {
            return end(call, failure, .network, retryAfter: untilNextAttempt)
        }
        let count = waiting.count + delayed.count
        let bytes = waiting.byteCount + delayed.byteCount
        guard count < configuration.maxWaitingCalls else {
            return end(call, Status(.unavailable, "\(count) calls wait for the upstream already"), .overload)
        }
        guard count == 0 || bytes + call.message.count <= configuration.maxWaitingBytes else {
            return end(call, Status(.unavailable, "\(bytes) bytes wait for the upstream already"), .overload)
        }
        call.stage = .waiting
        waiting.append(call)
        balancer?.connect()
        balancer?.grow(for: waiting.count)
    }

    /// Puts a call that no application can have seen back at the head of the queue.
    ///
    /// The connection has let go of it. It is sent as soon as there is room, which ``startWaitingCalls()`` finds out.
    func sendAgain(_ call: ClientCall) {
        call.rewind()
        guard let balancer else {
            return end(call, Status(.unavailable, "the channel was closed"), .cancelled)
        }
        if let failure = balancer.failure { return end(call, failure, .network, retryAfter: untilNextAttempt) }
        call.stage = .waiting
        waiting.prepend(call)
        mustOfferWaitingCalls = true
        balancer.connect()
    }

    /// Gives waiting calls to the connections as far as there is room.
    func startWaitingCalls() {
        mustOfferWaitingCalls = false
        while !waiting.isEmpty, let connection = balancer?.pick(), let call = waiting.popFirst() {
            connection.start(call)
            mustFlushAgain = true
        }
        if !waiting.isEmpty { balancer?.grow(for: waiting.count) }
    }

    /// Ends all calls that wait, since connecting has failed.
    func failWaitingCalls(_ status: Status) {
        let retryAfter = untilNextAttempt
        // Calls that a hook starts meanwhile fail by themselves.
        var count = waiting.count
        while count > 0, let call = waiting.popFirst() {
            count -= 1
            end(call, status, .network, retryAfter: retryAfter)
        }
    }

    private var untilNextAttempt: UInt64? { balancer?.nextAttempt?.remaining(at: loop.now()) }

    // MARK: - Retries

    /// Whether the call is to be made anew; keeps the books of ``RetryThrottle`` (gRFC A6).
    private func planRetry(of call: ClientCall, after status: Status, _ origin: CallOutcome.Origin) -> Bool {
        let pushback = call.response.retryPushback
        guard origin != .cancelled, status.code == .unavailable || pushback == .never else { return false }
        throttle.callFailed()
        guard status.code == .unavailable, call.method.descriptor.isSafeToRepeat, !call.response.isCommitted,
            call.retries + 1 < configuration.retry.effectiveMaxAttempts, throttle.allowsRetry,
            waiting.count + delayed.count < configuration.maxWaitingCalls
        else { return false }
        let delay: UInt64
        switch pushback {
        case .never: return false
        case .after(let nanoseconds): delay = nanoseconds
        case nil: delay = configuration.retry.delay(beforeRetry: call.retries + 1, using: &random)
        }
        guard loop.now().advanced(by: delay) < call.deadline else { return false }
        call.retryDelay = delay
        return true
    }

    /// Lets a call wait that ``planRetry(of:after:_:)`` was for; its connection has let go of it.
    func delay(_ call: ClientCall) {
        let retryAt = loop.now().advanced(by: call.retryDelay ?? 0)
        call.retryDelay = nil
        call.retries += 1
        call.rewind()
        call.response.restart()
        guard balancer != nil else { return end(call, Status(.unavailable, "the channel was closed"), .cancelled) }
        call.stage = .delayed
        call.retryAt = retryAt
        delayed.append(call)
        // Fires early for all but the nearest, which costs nothing but a look at the list.
        if delayed.count == 1 || retryAt < nextRetry { armRetryTimer(for: retryAt) }
    }

    private func armRetryTimer(for retryAt: Deadline) {
        nextRetry = retryAt
        retryTimer?.start(afterMilliseconds: retryAt.remaining(at: loop.now()) / 1_000_000 + 1)
    }

    private func startDelayedCalls() {
        barred += 1
        defer { barred -= 1 }
        let now = loop.now()
        var nearest = Deadline.never
        var count = delayed.count
        while count > 0, let call = delayed.popFirst() {
            count -= 1
            if call.retryAt > now {
                nearest = min(nearest, call.retryAt)
                delayed.append(call)
            } else {
                dispatch(call)
            }
        }
        if !delayed.isEmpty { armRetryTimer(for: nearest) }
    }
}
