internal import EventLoop
internal import RPCCore

/// Calls that are made anew after a wait, since their method is safe to repeat or no application has seen them (gRFC A6).
extension GRPCChannel {
    /// Whether the call is to be made anew; keeps the books of ``RetryThrottle`` (gRFC A6).
    func planRetry(of call: ClientCall, after status: Status, _ origin: CallOutcome.Origin) -> Bool {
        let pushback = call.response.retryPushback
        guard origin != .cancelled, status.code == .unavailable || pushback == .never else { return false }
        // A server may refuse a stream twice, as one does whose limit counts streams that it has yet to clean up. That is
        // a matter of the moment, not of a server in trouble, which the throttle is there to spare.
        if !call.isRefused { throttle.callFailed() }
        guard status.code == .unavailable, call.method.descriptor.isSafeToRepeat || mayBeMoved(call),
            !call.response.isCommitted, call.retries + 1 < configuration.retry.effectiveMaxAttempts,
            throttle.allowsRetry || call.isRefused, waiting.count + delayed.count < configuration.maxWaitingCalls
        else { return false }
        let delay: UInt64
        switch pushback {
        case .never: return false
        case .after(let nanoseconds): delay = nanoseconds
        case nil: delay = configuration.retry.delay(beforeRetry: call.retries + 1, using: &random)
        }
        guard loop.now().advanced(by: delay) < call.deadline else { return false }
        call.retryDelay = delay
        statistics.retries &+= 1
        onRetry?(call.method.descriptor.path, call.retries + 1, status)
        return true
    }

    /// Whether a call that is not safe to repeat may be made anew: no application has seen it, and it has not been sent
    /// away by one server after the other (GOAWAY).
    private func mayBeMoved(_ call: ClientCall) -> Bool {
        call.reach == .notProcessed && call.transparentRetries < HTTP2Connection.maxGoAwayRetries
    }

    /// Lets a call wait that ``planRetry(of:after:_:)`` was for; its connection has let go of it.
    func delay(_ call: ClientCall) {
        let retryAt = loop.now().advanced(by: call.retryDelay ?? 0)
        call.retryDelay = nil
        call.retries += 1
        if call.reach == .mayHaveRun, !call.isRefused { call.seenAttempts += 1 }
        call.rewind()
        call.response.restart()
        guard balancer != nil else { return end(call, Status(.unavailable, "the channel was closed"), .cancelled) }
        call.stage = .delayed
        delayed.append(call, until: retryAt)
    }
}
