import RPCCore
import Testing

@testable import GRPCChannel

/// What is made of a server's words about its health, without a server.
@Suite
struct HealthCheckTests {
    private func makeCheck(_ service: String = "s.S") -> HealthCheck {
        var backoff = Backoff()
        backoff.initial = 100
        backoff.maximum = 1000
        backoff.multiplier = 2
        backoff.jitter = 0
        return HealthCheck(service: service, period: 5000, backoff: backoff)
    }

    private func time(_ seconds: UInt64) -> Deadline { Deadline(nanoseconds: seconds * 1_000_000_000) }

    @Test
    func nothingIsKnownAtFirst() {
        #expect(makeCheck().verdict == .unknown)
    }

    /// One question and its answer, up to where a watch goes on.
    private func ask(
        _ check: inout HealthCheck,
        _ method: HealthCheck.Method,
        _ status: ServingStatus?
    ) -> HealthCheck.Next {
        check.asked(method, at: time(1))
        #expect(!check.isAnswered)
        let next = check.answered(status)
        #expect(check.isAnswered == (method == .watch))
        guard method == .check else { return next }
        #expect(next == .goOn)
        return check.ended(.ok, at: time(1))
    }

    @Test(arguments: [HealthCheck.Method.watch, .check])
    func aServingServer(method: HealthCheck.Method) {
        var check = makeCheck()
        #expect(ask(&check, method, .serving) == (method == .watch ? .rest : .ask(after: 5000)))
        #expect(check.isAnswered)
        #expect(check.verdict == .serving)
    }

    @Test(arguments: [
        (ServingStatus.notServing, "reports NOT_SERVING"), (.unknown, "reports UNKNOWN"),
        (.serviceUnknown, "reports SERVICE_UNKNOWN"),
    ])
    func aServerThatIsNotServing(status: ServingStatus, text: String) {
        for (service, suffix) in [("s.S", " for service s.S"), ("", "")] {
            for method in [HealthCheck.Method.watch, .check] {
                var check = makeCheck(service)
                #expect(ask(&check, method, status) == .ask(after: 5000))
                #expect(check.verdict == .notServing(text + suffix))
                check.asked(method, at: time(2))
                // What it said last counts until it says something else.
                #expect(check.verdict == .notServing(text + suffix))
                _ = ask(&check, method, .serving)
                #expect(check.verdict == .serving)
            }
        }
    }

    @Test(arguments: [HealthCheck.Method.watch, .check], [false, true])
    func aServerWithoutAHealthService(method: HealthCheck.Method, hasAnswered: Bool) {
        var check = makeCheck()
        check.asked(method, at: time(1))
        if hasAnswered { _ = check.answered(.notServing) }
        #expect(check.ended(Status(.unimplemented), at: time(1)) == .rest)
        #expect(check.verdict == .unsupported)
    }

    /// Exponential, until an answer comes.
    @Test(arguments: [HealthCheck.Method.watch, .check])
    func callsThatFail(method: HealthCheck.Method) {
        var check = makeCheck()
        for wait in [100, 200, 400, 800, 1000, 1000] as [UInt64] {
            check.asked(method, at: time(1))
            #expect(check.ended(Status(.unavailable, "busy"), at: time(60)) == .ask(after: wait))
            #expect(check.verdict == .notServing("fails its health check for service s.S: UNAVAILABLE: busy"))
        }
        _ = ask(&check, method, .serving)
        check.asked(method, at: time(3))
        #expect(check.timedOut(after: 2_500_000_000) == .ask(after: 100))
        #expect(check.verdict == .notServing("does not answer its health check within 2.5 s"))
        #expect(ask(&check, method, nil) == .ask(after: 200))
        #expect(check.verdict == .notServing("answers its health check with something else"))
    }

    @Test(arguments: [nil, ServingStatus.unknown, .serving])
    func aServiceThatACheckDoesNotFind(message: ServingStatus?) {
        var check = makeCheck()
        check.asked(.check, at: time(1))
        if let message { #expect(check.answered(message) == .goOn) }
        #expect(check.ended(Status(.notFound), at: time(1)) == .ask(after: 5000))
        #expect(check.verdict == .notServing("reports SERVICE_UNKNOWN for service s.S"))
    }

    @Test
    func aCheckThatFailsHasSaidNothing() {
        var check = makeCheck()
        check.asked(.check, at: time(1))
        _ = check.answered(.serving)
        #expect(check.verdict == .unknown)
        #expect(check.ended(Status(.unavailable), at: time(1)) == .ask(after: 100))
        #expect(check.verdict == .notServing("fails its health check for service s.S: UNAVAILABLE"))
    }

    /// Proxies may end streams that last; calls wait for the next answer instead of failing.
    @Test
    func aWatchThatWasOfUseIsOpenedAtOnce() {
        var check = makeCheck()
        check.asked(.watch, at: time(1))
        _ = check.answered(.serving)
        #expect(check.ended(Status(.unavailable), at: time(2)) == .ask(after: 0))
        #expect(check.verdict == .unknown)
        check.asked(.watch, at: time(2))
        _ = check.answered(.notServing)
        #expect(check.ended(.ok, at: time(3)) == .ask(after: 0))
        #expect(check.verdict == .notServing("reports NOT_SERVING for service s.S"))
    }

    /// One that answers and ends at once, each time, would keep both sides busy.
    @Test
    func aWatchThatEndsEarlyIsAFailure() {
        var check = makeCheck()
        for wait in [100, 200, 400, 800, 1000, 1000] as [UInt64] {
            check.asked(.watch, at: time(1))
            _ = check.answered(.serving)
            #expect(check.ended(.ok, at: time(1).advanced(by: 999_999_999)) == .ask(after: wait))
            #expect(check.verdict == .notServing("fails its health check for service s.S: OK"))
        }
        // The next is asked late, which does not make this one last.
        check.asked(.watch, at: time(9))
        _ = check.answered(.serving)
        #expect(check.ended(.ok, at: time(10)) == .ask(after: 0))
        check.asked(.watch, at: time(10))
        #expect(check.ended(.ok, at: time(10)) == .ask(after: 100))
    }

    @Test(arguments: [(0, HealthCheck.Method.check), (1, .check), (7, .check), (8, .watch), (1000, .watch)])
    func fewStreamsAreNotWatched(limit: Int, method: HealthCheck.Method) {
        #expect(HealthCheck.method(forLimit: limit) == method)
    }
}
