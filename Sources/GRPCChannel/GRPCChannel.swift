internal import Bytes
package import EventLoop
package import RPCCore

/// A gRPC client for one service, wherever it has servers, on one loop's thread.
///
/// It owns what concerns calls: their starts, deadlines and ends here, those that wait and those that are made anew in
/// files of their own. Which server gets a call is the business of ``Balancer``, connections are that of ``Subchannel``.
/// Frames are not written before ``flush()``, so that all calls of one loop turn leave in one write.
package final class GRPCChannel {
    let loop: EventLoop
    let configuration: Configuration
    private(set) var balancer: Balancer?
    /// Calls that wait for a connection, or for room on one.
    var waiting = CallList()
    /// Calls were put back into the queue and have yet to be offered to all connections.
    var mustOfferWaitingCalls = false
    /// Calls were started while connections were being flushed, perhaps on one that had had its turn.
    var mustFlushAgain = false
    /// Calls that wait before they are made anew.
    let delayed: DelayedCalls
    var throttle: RetryThrottle
    var random = SystemRandomNumberGenerator()
    private var deadlines = DeadlineHeap()
    private var deadlineTimer: LoopTimer?
    /// What ``deadlineTimer`` is set to, if it is.
    private var armedDeadline: Deadline?
    private(set) lazy var healthWatch = GRPCChannel.prepareHealth("Watch", isStreaming: true, configuration)
    private(set) lazy var healthCheck = GRPCChannel.prepareHealth("Check", isStreaming: false, configuration)
    /// Calls that have ended but were not told yet, as that must not happen where it was noticed.
    private var ended: [ClientCall] = []
    private var endedTimer: LoopTimer?
    /// Bytes of messages that have begun and not ended.
    private var incomingBytes = 0
    /// Above 0 while no hook may run: within ``start(_:)``, ``cancel(_:)`` and ``flush()``.
    private var barred = 0
    private var isClosed = false
    /// Calls that were started and have not been told of their end.
    package private(set) var callsInProgress = 0
    /// Called when ``snapshot()`` has changed, and never on the way of a call.
    ///
    /// On the loop's thread, as a timer is: not from within a call of the channel's owner, nor of a hook. Changes of one
    /// loop turn come as one, and none after ``close()``.
    package var onStateChange: (() -> Void)?
    /// Called when a call is to be made anew after a wait: its method, how often it has been, and why.
    ///
    /// It must not touch the channel, nor a call.
    package var onRetry: ((_ path: String, _ retries: Int, _ reason: Status) -> Void)?
    let statistics: ChannelStatistics
    private var stateTimer: LoopTimer?
    private var reportedStates: [UpstreamState] = []

    /// A channel that counts what it does in `statistics`, which may have counts of others already.
    package init(
        loop: EventLoop,
        configuration: Configuration,
        statistics: ChannelStatistics = ChannelStatistics()
    ) {
        self.loop = loop
        self.statistics = statistics
        self.configuration = configuration
        throttle = RetryThrottle(configuration.retry)
        delayed = DelayedCalls(on: loop)
        balancer = Balancer(channel: self)
        // A cycle that close() breaks. A weak reference would give the channel a side table, and with that every
        // retain of it, several a call, would take Swift's slow path.
        deadlineTimer = LoopTimer(on: loop) { self.expireCalls() }
        endedTimer = LoopTimer(on: loop) { self.reportEndedCalls() }
        stateTimer = LoopTimer(on: loop) { self.reportStateChange() }
        delayed.start = { self.startAnew($0) }
    }

    deinit {
        assert(isClosed, "a GRPCChannel must be closed")
    }

    /// Makes a method ready to be called on this channel; once a method, not once a call.
    package func prepare(_ method: MethodDescriptor) -> PreparedMethod {
        PreparedMethod(method, configuration: configuration)
    }

    /// Whether calls can be made now.
    package var state: ConnectivityState { balancer?.state ?? .shutdown }

    /// Each target and its addresses as they are now; empty once the channel is closed.
    package func snapshot() -> [UpstreamState] { balancer?.snapshot ?? [] }

    /// Something may have changed that ``snapshot()`` shows.
    func noteStateChange() {
        guard onStateChange != nil else { return }
        stateTimer?.start(afterMilliseconds: 0)
    }

    private func reportStateChange() {
        let states = snapshot()
        guard states != reportedStates else { return }
        reportedStates = states
        onStateChange?()
    }

    /// Calls that wait for a connection, for room on one, or for their next attempt.
    package var waitingCallCount: Int { waiting.count + delayed.count }

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
        callsInProgress += 1
        guard balancer != nil else { return end(call, Status(.unavailable, "the channel is closed"), .cancelled) }
        guard MessageFraming.finish(&call.message) else {
            return end(call, Status(.internalError, "the request exceeds 4 GiB"), .unsendable)
        }
        if call.deadline != .never {
            guard loop.turnStart() < call.deadline else {
                let status = Status(.deadlineExceeded, "the deadline had passed before the call")
                return end(call, status, .deadline(phase(of: call)))
            }
            deadlines.insert(call)
            armDeadlineTimer()
        }
        dispatch(call)
    }

    /// Starts a call whose wait for its next attempt is over.
    private func startAnew(_ call: ClientCall) {
        barred += 1
        dispatch(call)
        barred -= 1
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
        stateTimer?.close()
        stateTimer = nil
        onStateChange = nil
        onRetry = nil
        delayed.close()
    }

    // MARK: - Ending calls

    /// Ends a call whose attempt has ended, unless another one is to follow.
    func conclude(_ call: ClientCall, _ status: Status, _ origin: CallOutcome.Origin) {
        if call.isOwn {
            // Says nothing about what the servers make of calls.
        } else if status.isOK {
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
        if call.wipesMessage { call.message.wipe() }
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
        if call.stage != .ended { statistics.cancellations &+= 1 }
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
        if !call.isOwn { callsInProgress -= 1 }
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
            let phase = phase(of: call)
            let status = Status(.deadlineExceeded, "the deadline passed while \(phase.activity)")
            giveUp(call, status, .deadline(phase))
        }
        armDeadlineTimer()
    }

    private func phase(of call: ClientCall) -> CallOutcome.Phase {
        if call.areHeadersSent { return .upstream }
        if call.reach == .mayHaveRun { return .retry }
        // With a stream, but no room on the socket for its headers.
        if call.stage == .streaming { return .queue }
        return state == .ready ? .queue : .connect
    }
}
