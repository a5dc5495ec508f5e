import EventLoop
import GRPCChannel
import RPCCore
import Testing

@testable import Gateway

/// What a sign-in that failed is to those that waited for it.
@Suite
struct SignInFailureTests {
    private func outcome(
        _ code: StatusCode,
        _ origin: CallOutcome.Origin,
        _ reach: CallOutcome.Reach = .mayHaveRun
    ) -> CallOutcome {
        CallOutcome(status: Status(code, "echo: secret"), origin: origin, reach: reach, retryAfter: 1_500_000_000)
    }

    @Test(arguments: [
        (CallOutcome.Origin.malformedAnswer, SignInFailure.malformed), (.limit, .malformed), (.overload, .overload),
        (.cancelled, .stopping), (.deadline(.upstream), .timedOut), (.reset, .unavailable(nil, retryAfter: nil)),
        (.httpAnswer, .unavailable(nil, retryAfter: nil)), (.httpRefusal, .failed(.unavailable)),
        (.unsendable, .failed(.unavailable)),
        (.network, .unavailable(nil, retryAfter: 1_500_000_000)), (.upstream, .unavailable(nil, retryAfter: nil)),
    ])
    func byOrigin(origin: CallOutcome.Origin, failure: SignInFailure) {
        #expect(SignInFailure(outcome(.unavailable, origin)) == failure)
    }

    @Test
    func theChannelsOwnWordsAreKept() {
        let failure = SignInFailure(outcome(.unavailable, .network, .neverSent))
        #expect(failure == .unavailable("echo: secret", retryAfter: 1_500_000_000))
        let answer = RequestFailure(failure, isOwnKey: false)
        #expect(answer.message == "signing in failed: echo: secret")
        #expect(answer.retryAfter == 2)
    }

    @Test(arguments: 1...17, [false, true])
    func whatUpstreamSaysIsNotPassedOn(code: Int, isOwnKey: Bool) {
        let failure = SignInFailure(outcome(StatusCode(rawValue: code), .upstream))
        let answer = RequestFailure(failure, isOwnKey: isOwnKey)
        #expect(!answer.message.contains("secret"))
        // Nobody but the client can do something about a 4xx.
        #expect(!isOwnKey || answer.status.rawValue >= 500)
        #expect(answer.status.rawValue >= 400)
    }

    @Test(arguments: [StatusCode.unauthenticated, .permissionDenied, .notFound, .invalidArgument])
    func aRefusedKey(code: StatusCode) {
        let failure = SignInFailure(outcome(code, .upstream))
        #expect(failure == .refused)
        #expect(RequestFailure(failure, isOwnKey: false).status == .unauthorized)
        #expect(RequestFailure(failure, isOwnKey: true).status == .serviceUnavailable)
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.255.0.9:1", true), ("[::1]:1", true), ("unix:/run/x", true),
        ("[::ffff:127.0.0.1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false), ("10.0.0.1:1", false),
        ("128.0.0.1:1", false), ("[::2]:1", false), ("[1::1]:1", false), ("[::ffff:10.0.0.1]:1", false),
        ("[::127.0.0.1]:1", false),
    ])
    func loopback(address: String, isLoopback: Bool) throws {
        #expect(try SocketAddress(parsing: address).isLoopback == isLoopback)
    }
}
