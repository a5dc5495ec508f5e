import GRPCChannel
import HTTPServer
import RPCCore
import Testing

@testable import Gateway

@Suite
struct CallOutcomeCulpritTests {
    @Test(arguments: [
        (CallOutcome.Origin.upstream, StatusCode.notFound, "client"), (.upstream, .unavailable, "upstream"),
        (.upstream, .internalError, "upstream"), (.httpRefusal, .permissionDenied, "upstream"),
        (.httpAnswer, .unavailable, "upstream"), (.reset, .internalError, "upstream"),
        (.malformedAnswer, .internalError, "upstream"), (.limit, .resourceExhausted, "upstream"),
        (.network, .unavailable, "network"), (.deadline(.connect), .deadlineExceeded, "network"),
        (.deadline(.queue), .deadlineExceeded, "upstream"), (.deadline(.upstream), .deadlineExceeded, "upstream"),
        (.overload, .unavailable, "gateway"), (.cancelled, .cancelled, "client"),
        (.cancelled, .unavailable, "gateway"), (.unsendable, .invalidArgument, "client"),
        (.unsendable, .internalError, "gateway"),
    ])
    func somebodyIsToBlame(origin: CallOutcome.Origin, code: StatusCode, culprit: String) {
        let outcome = CallOutcome(status: Status(code, "x"), origin: origin, reach: .neverSent)
        let failure = RequestFailure(outcome, of: MethodDescriptor(service: "a.B", method: "C"))
        #expect(failure.culprit?.name == culprit)
    }

    @Test(arguments: [
        (SignInFailure.unavailable(nil, retryAfter: nil), "network"), (.timedOut, "upstream"),
        (.malformed, "upstream"), (.failed(.internalError), "upstream"), (.limited(retryAfter: nil), "upstream"),
    ])
    func aSignInFailsByItsUpstream(failure: SignInFailure, culprit: String) {
        #expect(RequestFailure(failure, isOwnKey: true).culprit?.name == culprit)
    }

    @Test
    func theRestIsToldByTheStatus() {
        #expect(RequestFailure(.refused, isOwnKey: true).culprit == nil)
        #expect(RequestFailure.routeNotFound(method: "GET", path: "/").culprit == nil)
    }
}
