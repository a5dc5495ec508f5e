internal import GRPCChannel
internal import RPCCore

/// What a call that did not end with OK is to its client.
extension RequestFailure {
    /// The failure of a call of `method`.
    ///
    /// Where the call may have been carried out and nobody says whether it was, that is what counts: 503 and
    /// OUTCOME_UNKNOWN, whatever broke it off. A call that is safe to repeat has no fate to ask for and keeps its status.
    init(_ outcome: CallOutcome, of method: MethodDescriptor) {
        let mayHaveBeenCarriedOut = outcome.reach == .mayHaveRun && !method.isSafeToRepeat
        let isFateOpen = mayHaveBeenCarriedOut && outcome.leavesFateOpen
        // What upstream said itself keeps its status all the same.
        let code = isFateOpen && outcome.origin != .upstream ? StatusCode.unavailable : outcome.status.code
        // Too much for us to pass on is not the client's doing, as a 429 would say.
        let isTooLarge = outcome.origin == .limit
        self.init(
            status: isTooLarge ? .badGateway : HTTPStatus(code),
            code: code,
            message: outcome.status.message,
            details: outcome.status.details.isEmpty ? .none : .upstream(outcome.status.details)
        )
        culprit = outcome.culprit(status)
        // Rounded up, since an attempt that is under way needs its time too.
        retryAfter = outcome.retryAfter.map { $0 / 1_000_000_000 + 1 }
        if let phase = outcome.passedDeadline {
            var info = ErrorInfo(phase)
            if mayHaveBeenCarriedOut {
                info.metadata.append(("outcome", "UNKNOWN"))
                message += RequestFailure.fateNotice
            }
            details = .errorInfo(info)
        } else if isFateOpen {
            message += RequestFailure.fateNotice
            details = .errorInfo(ErrorInfo("OUTCOME_UNKNOWN"))
        }
    }

    private static let fateNotice = "; the call may have been carried out, and was not repeated"
}

extension ErrorInfo {
    /// What a call was waiting for when its time was up: one of three, as an attempt that failed was upstream's too.
    fileprivate init(_ phase: CallOutcome.Phase) {
        switch phase {
        case .connect: self.init("DEADLINE_CONNECT", [("phase", "connect")])
        case .queue: self.init("DEADLINE_QUEUE", [("phase", "queue")])
        case .upstream, .retry: self.init("DEADLINE_UPSTREAM", [("phase", "upstream")])
        }
    }
}

extension CallOutcome {
    /// What the call was waiting for when its time was up, by the gateway's clock or upstream's.
    fileprivate var passedDeadline: Phase? {
        if case .deadline(let phase) = origin { return phase }
        return origin == .upstream && status.code == .deadlineExceeded && status.details.isEmpty ? .upstream : nil
    }

    /// Whether the call broke off without a word from the server's application of how it ended.
    ///
    /// The stream was reset, the connection was lost or what came was not gRPC's, or the gateway itself gave the call
    /// up, as it does when it stops.
    fileprivate var leavesFateOpen: Bool {
        switch origin {
        case .reset, .httpAnswer, .network, .malformedAnswer: true
        case .cancelled: status.code == .unavailable
        // So end calls that are running when a server of gRPC's C core stops, or whose server is lost behind a proxy
        // that speaks gRPC. An application that means it has something to say about it.
        case .upstream: (status.code == .unavailable || status.code == .cancelled) && status.details.isEmpty
        // An answer that is too large is one; a deadline keeps its own status.
        case .httpRefusal, .limit, .overload, .deadline, .unsendable: false
        }
    }
}
