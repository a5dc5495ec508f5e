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
        details: [UInt8] = []
    ) -> RequestFailure {
        RequestFailure(
            CallOutcome(status: Status(code, "it broke", details: details), origin: origin, reach: reach),
            of: MethodDescriptor(service: "s", method: "m", isSafeToRepeat: isSafe)
        )
    }

    private func errorInfo(_ failure: RequestFailure) -> ErrorInfo? {
        guard case .errorInfo(let info) = failure.details else { return nil }
        return info
    }

    private func reason(_ failure: RequestFailure) -> String? {
        errorInfo(failure)?.reason.description
    }

    /// Whatever the status stands for, a program is told the one thing that matters.
    @Test(arguments: [
        (StatusCode.unavailable, CallOutcome.Origin.network), (.unavailable, .cancelled),
        (.internalError, .malformedAnswer), (.cancelled, .reset), (.resourceExhausted, .reset),
        (.permissionDenied, .reset), (.internalError, .reset), (.unavailable, .reset), (.unavailable, .httpAnswer),
        (.unknown, .httpAnswer), (.unavailable, .upstream),
    ])
    func aBrokenCallThatMayHaveRun(code: StatusCode, origin: CallOutcome.Origin) {
        let failure = makeFailure(code, origin, .mayHaveRun)
        #expect(failure.status == .serviceUnavailable)
        #expect(failure.code == .unavailable)
        #expect(reason(failure) == "OUTCOME_UNKNOWN")
        #expect(failure.message == "it broke; the call may have been carried out, and was not repeated")
    }

    @Test(arguments: [
        (StatusCode.cancelled, HTTPStatus.clientClosedRequest), (.resourceExhausted, .tooManyRequests),
        (.permissionDenied, .forbidden), (.internalError, .internalServerError), (.unavailable, .serviceUnavailable),
    ])
    func aReadThatWasResetKeepsItsStatus(code: StatusCode, status: HTTPStatus) {
        let failure = makeFailure(code, .reset, .mayHaveRun, isSafe: true)
        #expect(failure.status == status)
        #expect(failure.code == code)
        #expect(errorInfo(failure) == nil)
    }

    @Test(arguments: [
        (StatusCode.unavailable, CallOutcome.Origin.network, CallOutcome.Reach.neverSent, false),
        (.unavailable, .network, .notProcessed, false), (.unavailable, .network, .mayHaveRun, true),
        (.unavailable, .upstream, .mayHaveRun, true), (.internalError, .upstream, .mayHaveRun, false),
        (.unavailable, .upstream, .notProcessed, false), (.unavailable, .overload, .neverSent, false),
        (.cancelled, .cancelled, .mayHaveRun, false), (.resourceExhausted, .limit, .mayHaveRun, false),
        (.internalError, .malformedAnswer, .mayHaveRun, true), (.unavailable, .reset, .notProcessed, false),
        (.unavailable, .httpAnswer, .mayHaveRun, true), (.unauthenticated, .upstream, .mayHaveRun, false),
        (.unavailable, .httpRefusal, .mayHaveRun, false),
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

    @Test
    func aSubmitThatUpstreamCancelledKeepsItsStatus() {
        let failure = makeFailure(.cancelled, .upstream, .mayHaveRun)
        #expect(failure.status == .clientClosedRequest)
        #expect(reason(failure) == "OUTCOME_UNKNOWN")
    }

    /// A library that gives up on calls has nothing more to say than a status.
    @Test(arguments: [StatusCode.unavailable, .cancelled, .deadlineExceeded])
    func whatAnApplicationExplainsIsItsOwnWord(code: StatusCode) {
        let failure = makeFailure(code, .upstream, .mayHaveRun, details: [0x1A, 0])
        #expect(failure.code == code)
        #expect(failure.message == "it broke")
        guard case .upstream([0x1A, 0]) = failure.details else {
            Issue.record("\(failure.details)")
            return
        }
    }

    @Test(arguments: [false, true])
    func aDeadlineByUpstreamsClock(isSafe: Bool) throws {
        let failure = makeFailure(.deadlineExceeded, .upstream, .mayHaveRun, isSafe: isSafe)
        let info = try #require(errorInfo(failure))
        #expect(failure.status == .gatewayTimeout)
        #expect(info.reason.description == "DEADLINE_UPSTREAM")
        #expect(info.metadata.count == (isSafe ? 1 : 2))
    }

    @Test(arguments: [
        (CallOutcome.Phase.connect, CallOutcome.Reach.neverSent, "DEADLINE_CONNECT", "connect"),
        (.queue, .neverSent, "DEADLINE_QUEUE", "queue"), (.queue, .notProcessed, "DEADLINE_QUEUE", "queue"),
        (.upstream, .mayHaveRun, "DEADLINE_UPSTREAM", "upstream"),
        (.retry, .mayHaveRun, "DEADLINE_UPSTREAM", "upstream"),
    ])
    func aDeadlineSaysItsPhase(
        phase: CallOutcome.Phase,
        reach: CallOutcome.Reach,
        reason: String,
        name: String
    ) throws {
        for isSafe in [true, false] {
            let failure = makeFailure(.deadlineExceeded, .deadline(phase), reach, isSafe: isSafe)
            let info = try #require(errorInfo(failure))
            #expect(failure.status == .gatewayTimeout)
            #expect(info.reason.description == reason)
            #expect(info.metadata.first?.value.description == name)
            let isOpen = reach == .mayHaveRun && !isSafe
            #expect((info.metadata.count == 2) == isOpen)
            #expect(failure.message.hasSuffix("and was not repeated") == isOpen)
        }
    }
}
