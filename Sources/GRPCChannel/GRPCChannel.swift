internal import Bytes
package import EventLoop
package import RPCCore

/// A gRPC client for one target, on one loop's thread.
///
/// It owns what concerns calls: deadlines, the list of those that wait, retries of those that no application can
/// have seen. Connections are the business of ``Subchannel``. Frames are not written before ``flush()``, so that all
/// calls of one loop turn leave in one write.
package final class GRPCChannel {
    let loop: EventLoop
    let configuration: Configuration
    /// Where the target is reached by TLS.
    let tls: TLSClient?
    private var subchannel: Subchannel?
    private var waiting = CallList()
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
        tls = configuration.makeTLSClient()
        subchannel = Subchannel(channel: self)
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
    package var state: ConnectivityState { subchannel?.state ?? .shutdown }

    /// Starts connecting, where the first call would otherwise do so.
    package func connect() {
        subchannel?.connect()
    }

    /// Starts a call, which ends with ``ClientCall/didClose()`` whatever happens.
    package func start(_ call: ClientCall) {
        guard call.stage == .new else { return assertionFailure("a call is started once") }
        barred += 1
        defer { barred -= 1 }
        call.channel = self
        guard let subchannel else { return end(call, Status(.unavailable, "the channel is closed"), .cancelled) }
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
        if waiting.isEmpty, let connection = subchannel.connectionWithRoom {
            connection.start(call)
        } else {
            park(call)
        }
    }

    /// Writes what has gathered, one write a connection.
    ///
    /// To be called once a loop turn, right before polling.
    package func flush() {
        guard barred == 0, let subchannel else { return }
        barred += 1
        subchannel.flush()
        barred -= 1
    }

    /// Ends all calls and connections; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        // No call of a hook may find a way to a connection any more.
        let closing = subchannel
        subchannel = nil
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
        if let failure = subchannel?.failure { return end(call, failure, .network) }
        guard waiting.count < configuration.maxWaitingCalls else {
            let status = Status(.unavailable, "\(waiting.count) calls wait for the upstream already")
            return end(call, status, .overload)
        }
        call.stage = .waiting
        waiting.append(call)
        subchannel?.connect()
    }

    /// Puts a call that no application can have seen back at the head of the queue.
    ///
    /// The connection has let go of it. It is sent as soon as there is room, which ``startWaitingCalls()`` finds out.
    func sendAgain(_ call: ClientCall) {
        call.rewind()
        guard let subchannel else {
            return end(call, Status(.unavailable, "the channel was closed"), .cancelled)
        }
        if let failure = subchannel.failure { return end(call, failure, .network) }
        call.stage = .waiting
        waiting.prepend(call)
        subchannel.connect()
    }

    /// Gives waiting calls to the connection as far as there is room.
    func startWaitingCalls() {
        while !waiting.isEmpty, let connection = subchannel?.connectionWithRoom, let call = waiting.popFirst() {
            connection.start(call)
        }
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
