internal import GRPCChannel
internal import RPCCore

/// What a call that did not end with OK is to its client.
extension RequestFailure {
    /// The failure of a call of `method`; `isConnected`: the channel has a connection that takes calls.
    init(_ outcome: CallOutcome, of method: MethodDescriptor, isConnected: Bool) {
        // Too much for us to pass on is not the client's doing, as a 429 would say.
        let isTooLarge = outcome.origin == .limit
        self.init(
            status: isTooLarge ? .badGateway : HTTPStatus(outcome.status.code),
            code: outcome.status.code,
            message: outcome.status.message,
            details: outcome.status.details.isEmpty ? .none : .upstream(outcome.status.details)
        )
        // Rounded up, since an attempt that is under way needs its time too.
        retryAfter = outcome.retryAfter.map { $0 / 1_000_000_000 + 1 }
        let mayHaveBeenCarriedOut = outcome.reach == .mayHaveRun && !method.isSafeToRepeat
        if mayHaveBeenCarriedOut, outcome.origin == .deadline || outcome.leavesFateOpen {
            message += "; the call may have been carried out, and was not repeated"
        }
        if outcome.origin == .deadline {
            var info = outcome.passedDeadline(isConnected: isConnected)
            if mayHaveBeenCarriedOut { info.metadata.append(("outcome", "UNKNOWN")) }
            details = .errorInfo(info)
        } else if mayHaveBeenCarriedOut, outcome.leavesFateOpen {
            details = .errorInfo(ErrorInfo("OUTCOME_UNKNOWN"))
        }
    }
}

extension CallOutcome {
    /// Whether the call broke off without a word from the server of how it ended.
    ///
    /// The connection was lost, or broke HTTP/2's or gRPC's rules, or the gateway itself gave the call up, as it does
    /// when it stops.
    fileprivate var leavesFateOpen: Bool {
        switch origin {
        case .network, .malformedAnswer: true
        case .cancelled: status.code == .unavailable
        // An answer that is too large is one.
        case .upstream, .limit, .overload, .deadline, .unsendable: false
        }
    }

    /// What the call was waiting for when its time was up.
    fileprivate func passedDeadline(isConnected: Bool) -> ErrorInfo {
        if reach == .mayHaveRun { return ErrorInfo("DEADLINE_UPSTREAM", [("phase", "upstream")]) }
        return isConnected
            ? ErrorInfo("DEADLINE_QUEUE", [("phase", "queue")])
            : ErrorInfo("DEADLINE_CONNECT", [("phase", "connect")])
    }
}
