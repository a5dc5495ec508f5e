import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Servers that are gone without a word, and those that only have nothing to say (gRFC A8).
@Suite
struct KeepaliveTests {
    private func time(_ nanoseconds: UInt64) -> Deadline { Deadline(nanoseconds: nanoseconds) }

    @Test
    func asksAfterSilenceAndGivesUpAfterMore() {
        var keepalive = Keepalive(interval: 100, timeout: 20, pingsWithoutCalls: false, now: time(1000))
        #expect(keepalive.check(at: time(1000), hasCalls: true) == .wait(until: time(1100)))
        keepalive.heard(at: time(1050))
        #expect(keepalive.check(at: time(1100), hasCalls: true) == .wait(until: time(1150)))
        #expect(keepalive.check(at: time(1150), hasCalls: true) == .ping(nextCheck: time(1170)))
        #expect(keepalive.check(at: time(1160), hasCalls: true) == .wait(until: time(1170)))
        #expect(keepalive.check(at: time(1170), hasCalls: true) == .giveUp)
    }

    @Test
    func anySignOfLifeIsAnAnswer() {
        var keepalive = Keepalive(interval: 100, timeout: 20, pingsWithoutCalls: false, now: time(0))
        #expect(keepalive.check(at: time(100), hasCalls: true) == .ping(nextCheck: time(120)))
        keepalive.heard(at: time(119))
        #expect(keepalive.check(at: time(120), hasCalls: true) == .wait(until: time(219)))
    }

    @Test
    func asksWithoutCallsOnlyIfToldTo() {
        var quiet = Keepalive(interval: 100, timeout: 20, pingsWithoutCalls: false, now: time(0))
        #expect(quiet.check(at: time(100), hasCalls: false) == .wait(until: time(200)))
        #expect(quiet.check(at: time(200), hasCalls: true) == .ping(nextCheck: time(220)))
        // An answer is due even when the last call has ended meanwhile.
        #expect(quiet.check(at: time(220), hasCalls: false) == .giveUp)
        var eager = Keepalive(interval: 100, timeout: 20, pingsWithoutCalls: true, now: time(0))
        #expect(eager.check(at: time(100), hasCalls: false) == .ping(nextCheck: time(120)))
    }

    @Test
    func timesThatDoNotFitAreNever() {
        var keepalive = Keepalive(interval: .max, timeout: .max, pingsWithoutCalls: true, now: time(5))
        #expect(keepalive.check(at: time(100), hasCalls: true) == .wait(until: .never))
    }

    @Test
    func aServerThatIsGoneWithoutAWordIsGivenUp() throws {
        let upstream = try ScriptedUpstream { ConnectionBehavior(answersPings: $0 > 1) }
        defer { upstream.stop() }
        upstream.on("/s/Silent", .silence)
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream) {
            $0.keepaliveTime = 20_000_000
            $0.keepaliveTimeout = 30_000_000
        }
        let good = client.start("/s/Good")
        #expect(client.finish(good))
        let calls = (0..<5).map { _ in client.start("/s/Silent") }
        #expect(client.finish(calls))
        for call in calls {
            let message = "connection lost: the upstream did not answer a PING within 0.03 s"
            #expect(call.outcome?.status == Status(.unavailable, message))
            #expect(call.outcome?.origin == .network)
            #expect(call.outcome?.reach == .mayHaveRun)
        }
        #expect(upstream.connections.first?.pings == 1)
        let next = client.start("/s/Good")
        #expect(client.finish(next))
        #expect(next.code == .ok)
    }

    @Test
    func aServerThatAnswersIsWaitedFor() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Silent", .silence)
        // Time enough for an answer on a busy machine.
        let client = try TestClient(upstream) { $0.keepaliveTime = 10_000_000 }
        let call = client.start("/s/Silent")
        #expect(client.run { (upstream.connections.first?.pings ?? 0) >= 5 })
        #expect(!call.isClosed)
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.violations.isEmpty)
    }

    @Test(arguments: [false, true])
    func idleConnectionsAreLeftAloneUnlessAskedFor(pingsWithoutCalls: Bool) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream) {
            $0.keepaliveTime = 10_000_000
            $0.keepaliveWithoutCalls = pingsWithoutCalls
        }
        let call = client.start("/s/Good")
        #expect(client.finish(call))
        if pingsWithoutCalls {
            #expect(client.run { (upstream.connections.first?.pings ?? 0) >= 3 })
        } else {
            let end = client.deadline(after: .milliseconds(100))
            #expect(client.run { client.loop.now() > end })
            #expect(upstream.connections.first?.pings == 0)
        }
        #expect(upstream.openConnections == 1)
    }

    @Test
    func aServerThatHasHadEnoughIsAskedLess() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Silent", .silence)
        let client = try TestClient(upstream) { $0.keepaliveTime = 50_000_000 }
        let first = client.start("/s/Silent")
        #expect(client.run { upstream.connections.first?.pings == 1 })
        // However often it says so.
        for _ in 0..<4 {
            upstream.perform(.goAway(lastStream: 1, .enhanceYourCalm, debug: Array("too_many_pings".utf8)))
        }
        #expect(client.run { upstream.acceptedConnections == 2 })
        let begun = client.loop.now()
        let second = client.start("/s/Silent")
        #expect(client.run { upstream.connections.last?.pings == 1 })
        // Fifty milliseconds became a hundred.
        let waited = client.loop.now().remaining(at: begun)
        #expect((90_000_000...700_000_000).contains(waited))
        first.cancel()
        second.cancel()
        #expect(client.finish(first, second))
    }

    @Test
    func nobodyIsPingedByDefault() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Slow", [.delay(.milliseconds(50))] + .answer([1]))
        let client = try TestClient(upstream)
        let call = client.start("/s/Slow")
        #expect(client.finish(call))
        #expect(upstream.connections.allSatisfy { $0.pings == 0 })
    }
}
