internal import Bytes
internal import EventLoop
internal import RPCCore

/// Calls that wait for a connection, or for room on one.
extension GRPCChannel {
    /// How soon a call may be tried again that found the queue full, in nanoseconds: when some of it is likely to be gone.
    ///
    /// Half a second, which is one in HTTP's `Retry-After`.
    static let overloadPause: UInt64 = 500_000_000

    /// Lets a new call wait, or ends it where waiting is of no use.
    func park(_ call: ClientCall) {
        if let failure = balancer?.failure {
            return end(call, failure, .network, retryAfter: untilNextAttempt)
        }
        let count = waiting.count + delayed.count
        let bytes = waiting.byteCount + delayed.byteCount
        guard count < configuration.maxWaitingCalls else {
            return refuse(call, "\(count) calls wait for the upstream already")
        }
        guard count == 0 || bytes + call.message.count <= configuration.maxWaitingBytes else {
            return refuse(call, "\(bytes) bytes wait for the upstream already")
        }
        call.stage = .waiting
        waiting.append(call)
        balancer?.connect()
        balancer?.grow(for: waiting.count)
    }

    private func refuse(_ call: ClientCall, _ reason: String) {
        end(call, Status(.unavailable, reason), .overload, retryAfter: GRPCChannel.overloadPause)
    }

    /// Puts a call that no application can have seen back at the head of the queue.
    ///
    /// The connection has let go of it. It is sent as soon as there is room, which ``startWaitingCalls()`` finds out.
    func sendAgain(_ call: ClientCall) {
        guard !call.isOwn else { return end(call, Status(.unavailable, "the call was refused"), .network) }
        call.rewind()
        statistics.transparentRetries &+= 1
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
}
