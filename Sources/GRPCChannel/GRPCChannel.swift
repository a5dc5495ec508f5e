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
    private var deadlines = DeadlineHeap()
    private var deadlineTimer: LoopTimer?
    /// What ``deadlineTimer`` is set to, if it is.
    private var armedDeadline: Deadline?
    /// Calls that have ended but were not told yet, as that must not happen where it was noticed.
    private var ended: [ClientCall] = []
    private var endedTimer: LoopTimer?
    /// Above 0 while no hook may run: within ``start(_:)``, ``cancel(_:)`` and ``flush()``.
    private var barred = 0
    private var isClosed = false

    package init(loop: EventLoop, configuration: Configuration) {
        self.loop = loop
        self.configuration = configuration
        balancer = Balancer(channel: self)
        // A cycle that close() breaks. A weak reference would give the channel a side table, and with that every
        // retain of it, several a call, would take Swift's slow path.
        deadlineTimer = LoopTimer(on: loop) { self.expireCalls() }
        endedTimer = LoopTimer(on: loop) { self.reportEndedCalls() }
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
        guard let balancer else { return end(call, Status(.unavailable, "the channel is closed"), .cancelled) }
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
        if waiting.isEmpty, let connection = balancer.pick() {
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
        while let call = waiting.popFirst() {
            end(call, Status(.unavailable, "the channel was closed"), .cancelled)
        }
        reportEndedCalls()
        deadlineTimer?.close()
        deadlineTimer = nil
        endedTimer?.close()
        endedTimer = nil
    }

    // MARK: - Ending calls

    /// Ends a call: everything that ends one comes through here, once.
    func end(_ call: ClientCall, _ status: Status, _ origin: CallOutcome.Origin, trailers: Metadata = Metadata()) {
        guard call.stage != .ended else { return }
        call.stage = .ended
        deadlines.remove(call)
        call.response.abandon()
        // The stream may outlive the call for as long as the server reads nothing.
        call.message = ByteBuffer()
        call.outcome = CallOutcome(status: status, trailers: trailers, origin: origin, reach: call.reach)
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
        guard call.stage == .waiting else { return "the deadline passed while waiting for the upstream's answer" }
        if case .ready = state { return "the deadline passed while waiting for a free stream to the upstream" }
        return "the deadline passed while connecting to the upstream"
    }

    // MARK: - The queue

    /// Lets a new call wait, or ends it where waiting is of no use.
    private func park(_ call: ClientCall) {
        if let failure = balancer?.failure { return end(call, failure, .network) }
        guard waiting.count < configuration.maxWaitingCalls else {
            let status = Status(.unavailable, "\(waiting.count) calls wait for the upstream already")
            return end(call, status, .overload)
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
        if let failure = balancer.failure { return end(call, failure, .network) }
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
        // Calls that a hook starts meanwhile fail by themselves.
        var count = waiting.count
        while count > 0, let call = waiting.popFirst() {
            count -= 1
            end(call, status, .network)
        }
    }
}
