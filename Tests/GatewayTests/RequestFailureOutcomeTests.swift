import GRPCChannel
import RPCCore
import Testing

@testable import Gateway

/// What becomes of a call's outcome, by who ended it and how far it had come.
@Suite
struct RequestFailureOutcomeTests {
    private func makeFailure(
        _ code: StatusCode,
        _ origin: CallOutcome.Origin,
        _ reach: CallOutcome.Reach,
        isSafe: Bool = false,
        isConnected: Bool = true
    ) -> RequestFailure {
        RequestFailure(
            CallOutcome(status: Status(code, "it broke"), origin: origin, reach: reach),
            of: MethodDescriptor(service: "s", method: "m", isSafeToRepeat: isSafe),
            isConnected: isConnected
        )
    }

    private func errorInfo(_ failure: RequestFailure) -> ErrorInfo? {
        guard case .errorInfo(let info) = failure.details else { return nil }
        return info
    }

    private func reason(_ failure: RequestFailure) -> String? {
        errorInfo(failure)?.reason.description
    }

    @Test(arguments: [CallOutcome.Origin.network, .cancelled])
    func aLostCallThatMayHaveRun(origin: CallOutcome.Origin) {
        let failure = makeFailure(.unavailable, origin, .mayHaveRun)
        #expect(failure.status == .serviceUnavailable)
        #expect(reason(failure) == "OUTCOME_UNKNOWN")
        #expect(failure.message == "it broke; the call may have been carried out, and was not repeated")
    }

    /// The status stays what it is by the contract; the reason is what a program looks at.
    @Test
    func anAnswerThatCannotBeReadLeavesItOpenToo() {
        let failure = makeFailure(.internalError, .malformedAnswer, .mayHaveRun)
        #expect(failure.status == .internalServerError)
        #expect(reason(failure) == "OUTCOME_UNKNOWN")
    }

    @Test(arguments: [
        (StatusCode.unavailable, CallOutcome.Origin.network, CallOutcome.Reach.neverSent, false),
        (.unavailable, .network, .notProcessed, false), (.unavailable, .network, .mayHaveRun, true),
        (.unavailable, .upstream, .mayHaveRun, false), (.unavailable, .overload, .neverSent, false),
        (.cancelled, .cancelled, .mayHaveRun, false), (.resourceExhausted, .limit, .mayHaveRun, false),
        (.internalError, .malformedAnswer, .mayHaveRun, true),
    ])
    func aCallWhoseFateIsKnownOrOfNoMatter(
        code: StatusCode,
        origin: CallOutcome.Origin,
        reach: CallOutcome.Reach,
        isSafe: Bool
    ) {
        let failure = makeFailure(code, origin, reach, isSafe: isSafe)
        #expect(errorInfo(failure) == nil)
        #expect(failure.message == "it broke")
    }

    @Test(arguments: [
        (CallOutcome.Reach.neverSent, false, "DEADLINE_CONNECT", "connect"),
        (.neverSent, true, "DEADLINE_QUEUE", "queue"), (.notProcessed, false, "DEADLINE_CONNECT", "connect"),
        (.mayHaveRun, true, "DEADLINE_UPSTREAM", "upstream"), (.mayHaveRun, false, "DEADLINE_UPSTREAM", "upstream"),
    ])
    func aDeadlineSaysItsPhase(reach: CallOutcome.Reach, isConnected: Bool, reason: String, phase: String) throws {
        for isSafe in [true, false] {
            let failure = makeFailure(.deadlineExceeded, .deadline, reach, isSafe: isSafe, isConnected: isConnected)
            let info = try #require(errorInfo(failure))
            #expect(failure.status == .gatewayTimeout)
            #expect(info.reason.description == reason)
            #expect(info.metadata.first?.value.description == phase)
            let isOpen = reach == .mayHaveRun && !isSafe
            #expect((info.metadata.count == 2) == isOpen)
            #expect(failure.message.hasSuffix("and was not repeated") == isOpen)
        }
    }
}
