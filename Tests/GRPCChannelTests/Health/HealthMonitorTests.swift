import EventLoop
import GatewayTesting
import RPCCore
import Synchronization
import Testing

@testable import GRPCChannel

/// Servers that say how they are, or do not (grpc.health.v1, gRFC A17).
@Suite
struct HealthMonitorTests {
    private static let watch = "/grpc.health.v1.Health/Watch"
    private static let check = "/grpc.health.v1.Health/Check"

    private static let serving = Script.Step.message([8, 1])
    private static let notServing = Script.Step.message([8, 2])

    private func upstream(streams: UInt32 = 100) throws -> ScriptedUpstream {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(streams)]) }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        return upstream
    }

    private func client(
        _ upstreams: ScriptedUpstream...,
        service: String = "s.S",
        configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws -> TestClient {
        try TestClient(targets: upstreams.map { "http://\($0.address)" }) {
            $0.healthCheckService = service
            configure(&$0)
        }
    }

    private func isFailing(_ client: TestClient) -> Bool {
        guard case .transientFailure = client.channel.state else { return false }
        return true
    }

    // MARK: Watching

    @Test(arguments: [("s.S", [[10, 3, 115, 46, 83]]), ("", [[]])] as [(String, [[UInt8]])])
    func callsWaitForTheFirstAnswer(service: String, request: [[UInt8]]) throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on(Self.watch, [.grpcHeaders(), .hold(gate), Self.serving])
        let client = try client(upstream, service: service)
        let call = client.start("/s/Echo", [7])
        #expect(client.run { upstream.requests(for: Self.watch).contains(where: \.isComplete) })
        #expect(upstream.requests.map(\.messages) == [request])
        #expect(upstream.requests.first?.timeout == nil)
        #expect(client.channel.state == .connecting)
        #expect(!call.isClosed)
        gate.open()
        #expect(client.finish(call))
        #expect(call.messages == [[7]])
        #expect(client.channel.state == .ready)
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.violations.isEmpty)
    }

    @Test
    func callsFailAtOnceUntilTheServerIsServing() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on(Self.watch, [.grpcHeaders(), Self.notServing, .hold(gate), Self.serving])
        let client = try client(upstream)
        let waiting = client.start("/s/Echo")
        #expect(client.finish(waiting))
        let next = client.start("/s/Echo")
        #expect(client.finish(next))
        for call in [waiting, next] {
            let message = "upstream http://\(upstream.address) reports NOT_SERVING for service s.S"
            #expect(call.outcome?.status == Status(.unavailable, message))
            #expect(call.outcome?.origin == .network)
            #expect(call.outcome?.reach == .neverSent)
            // When it is asked anew.
            let wait = try #require(call.outcome?.retryAfter)
            #expect((9_000_000_000...10_000_000_000).contains(wait))
        }
        gate.open()
        #expect(client.run { client.channel.state == .ready })
        let good = client.start("/s/Echo", [1])
        #expect(client.finish(good))
        #expect(good.code == .ok)
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.requests(for: Self.watch).count == 1)
    }

    @Test
    func callsUnderWayFinishOnAServerThatStopsServing() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        let sick = Gate()
        let answer = Gate()
        upstream.on(Self.watch, [.grpcHeaders(), Self.serving, .hold(sick), Self.notServing])
        upstream.on("/s/Slow", [.hold(answer)] + .answer([9]))
        let client = try client(upstream)
        let slow = client.start("/s/Slow")
        #expect(client.run { upstream.requests(for: "/s/Slow").contains(where: \.isComplete) })
        sick.open()
        #expect(client.run { isFailing(client) })
        let refused = client.start("/s/Echo")
        #expect(client.finish(refused))
        #expect(refused.code == .unavailable)
        #expect(!slow.isClosed)
        answer.open()
        #expect(client.finish(slow))
        #expect(slow.messages == [[9]])
        #expect(upstream.acceptedConnections == 1)
    }

    @Test
    func callsGoToServersThatAreServing() throws {
        let sick = try upstream()
        let well = try upstream()
        defer { [sick, well].forEach { $0.stop() } }
        sick.on(Self.watch, [.grpcHeaders(), Self.notServing])
        well.on(Self.watch, [.grpcHeaders(), Self.serving])
        let client = try client(sick, well)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let calls = (0..<20).map { _ in client.start("/s/Echo", [1]) }
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        #expect(sick.requests(for: "/s/Echo").isEmpty)
        #expect(well.requests(for: "/s/Echo").count == 20)
    }

    @Test(arguments: [Script.status(12), .http(404)])
    func aServerWithoutAHealthServiceIsTakenForHealthy(answer: Script) throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch, answer)
        let client = try client(upstream)
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        #expect(call.code == .ok)
        let state = try #require(client.channel.snapshot().first?.addresses.first)
        #expect(state.state == .ready)
        #expect(state.note?.contains("no health service") == true)
        let end = client.deadline(after: .milliseconds(100))
        #expect(client.run { client.loop.now() > end })
        #expect(upstream.requests(for: Self.watch).count == 1)
    }

    @Test
    func aWatchThatFailsIsTriedAgainAndCostsNoTokens() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch) { $0.ordinal < 12 ? .status(14, "busy") : [.grpcHeaders(), Self.serving] }
        upstream.on("/s/Get", .status(14), .answer([1]))
        let client = try client(upstream) { $0.retry.initialBackoff = 1 }
        let early = client.start("/s/Echo")
        #expect(client.finish(early))
        #expect(
            early.outcome?.status.message.hasSuffix("fails its health check for service s.S: UNAVAILABLE: busy") == true
        )
        #expect(client.run { client.channel.state == .ready })
        #expect(upstream.requests(for: Self.watch).count == 13)
        #expect(upstream.acceptedConnections == 1)
        // A dozen failures more would have used up what retries may cost.
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code == .ok)
    }

    @Test(
        arguments: [
            [.grpcHeaders(), .message([8])], [.grpcHeaders(), .message([8, 1], length: 5000)],
            [.grpcHeaders(), .message([8, 1], compressed: true)], [.reset(.refusedStream)], [.reset(.internalError)],
            .http(503), [.grpcHeaders(), .grpcTrailers()],
        ] as [Script]
    )
    func anAnswerThatMakesNoSenseIsNone(answer: Script) throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch, answer, answer, [.grpcHeaders(), Self.serving])
        let client = try client(upstream)
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(client.run { client.channel.state == .ready })
        #expect(upstream.requests(for: Self.watch).count == 3)
        #expect(upstream.requests.count == 3)
        #expect(upstream.violations.isEmpty)
    }

    /// A connection whose health service is silent may be dead; a new one shows whether it is.
    @Test
    func silenceIsNoAnswer() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch) { $0.connection < 3 ? .silence : [.grpcHeaders(), Self.serving] }
        let client = try client(upstream) { $0.healthCheckTimeout = 60_000_000 }
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        #expect(call.outcome?.status.message.contains("does not answer its health check within 0.06 s") == true)
        #expect(client.run { client.channel.state == .ready })
        #expect(upstream.acceptedConnections >= 3)
    }

    /// It would tell when it is well, but a connection without calls may be dead without anybody noticing.
    @Test
    func aServerThatIsNotServingIsAskedOverAndOver() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch) { $0.ordinal < 3 ? [.grpcHeaders(), Self.notServing] : .silence }
        let client = try client(upstream) {
            $0.healthCheckPeriod = 10_000_000
            $0.healthCheckTimeout = 400_000_000
        }
        client.channel.connect()
        #expect(client.run { upstream.requests(for: Self.watch).count >= 4 })
        #expect(isFailing(client))
        #expect(upstream.requests.prefix(3).allSatisfy { $0.resetCode == .cancel })
        #expect(client.run { upstream.acceptedConnections == 2 })
        #expect(isFailing(client))
    }

    // MARK: Few streams

    @Test(arguments: [1, 2, 7] as [UInt32], [1, 4])
    func aServerOfFewStreamsIsPolled(limit: UInt32, connections: Int) throws {
        let upstream = try upstream(streams: limit)
        defer { upstream.stop() }
        upstream.on(Self.check, .answer([8, 1]))
        let client = try client(upstream) {
            $0.healthCheckPeriod = 1_000_000
            $0.maxConnectionsPerAddress = connections
        }
        let calls = (0..<200).map { client.start("/s/Echo", [UInt8($0)]) }
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        let checks = upstream.requests(for: Self.check).count
        #expect(client.run { upstream.requests(for: Self.check).count > checks + 3 })
        #expect(upstream.requests(for: Self.watch).isEmpty)
        #expect(upstream.acceptedConnections <= connections)
        #expect(upstream.violations.isEmpty)
    }

    /// The only stream is taken over and over by calls that wait for it, and the check still has its turn.
    @Test
    func aBusyServerOfOneStreamIsPolled() throws {
        let upstream = try upstream(streams: 1)
        defer { upstream.stop() }
        let isWell = Atomic(true)
        upstream.on(Self.check) { _ in .answer([8, isWell.load(ordering: .relaxed) ? 1 : 2]) }
        upstream.on("/s/Slow", [.delay(.milliseconds(2))] + .answer([1]))
        let client = try client(upstream) {
            $0.healthCheckPeriod = 5_000_000
            $0.maxConnectionsPerAddress = 1
        }
        let calls = (0..<500).map { _ in client.start("/s/Slow") }
        #expect(client.run { calls.count(where: \.isClosed) >= 20 })
        isWell.store(false, ordering: .relaxed)
        #expect(client.finish(calls))
        #expect(calls.contains { $0.code == .ok })
        #expect(calls.contains { $0.outcome?.status.message.contains("NOT_SERVING") == true })
        isWell.store(true, ordering: .relaxed)
        #expect(client.run { client.channel.state == .ready })
        #expect(upstream.violations.isEmpty)
    }

    @Test
    func aWatchGivesItsStreamBackWhereTheyBecomeFew() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch, [.grpcHeaders(), Self.serving])
        upstream.on(Self.check, .answer([8, 1]))
        let client = try client(upstream) { $0.maxConnectionsPerAddress = 1 }
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        upstream.perform(.settings([.maxConcurrentStreams(1)]))
        #expect(client.run { upstream.requests(for: Self.check).contains(where: \.isScriptDone) })
        #expect(upstream.requests.first?.resetCode == .cancel)
        let calls = (0..<10).map { client.start("/s/Echo", [UInt8($0)]) }
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        #expect(upstream.violations.isEmpty)
    }

    // MARK: The connection's life

    @Test
    func aConnectionDoesNotDrainForItsWatch() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch, [.grpcHeaders(), Self.serving])
        let answer = Gate()
        upstream.on("/s/Slow", [.hold(answer)] + .answer([9]))
        let client = try client(upstream)
        let slow = client.start("/s/Slow")
        #expect(client.run { upstream.requests(for: "/s/Slow").contains(where: \.isComplete) })
        upstream.perform(.goAway(lastStream: .max, .noError, debug: []), onConnection: 1)
        #expect(client.run { upstream.acceptedConnections == 2 && client.channel.state == .ready })
        #expect(client.run { upstream.requests.first?.resetCode == .cancel })
        #expect(upstream.connections.first?.isOpen == true)
        answer.open()
        #expect(client.finish(slow))
        #expect(slow.code == .ok)
        #expect(client.run { upstream.connections.first?.isOpen == false })
    }

    /// Seven calls beside each watch, or two without one.
    @Test(arguments: [(8, 14), (2, 4)])
    func surplusConnectionsAreClosedThoughTheyAreWatched(limit: UInt32, count: Int) throws {
        let upstream = try upstream(streams: limit)
        defer { upstream.stop() }
        upstream.on(Self.watch, [.grpcHeaders(), Self.serving])
        upstream.on(Self.check, .answer([8, 1]))
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        let client = try client(upstream) {
            $0.surplusConnectionIdleTime = 50_000_000
            $0.healthCheckPeriod = 10_000_000
        }
        let calls = (0..<count).map { _ in client.start("/s/Slow") }
        #expect(client.run { upstream.requests(for: "/s/Slow").count { $0.isComplete } == count })
        #expect(upstream.openConnections == 2)
        gate.open()
        #expect(client.finish(calls))
        #expect(client.run { upstream.openConnections == 1 })
        #expect(client.channel.state == .ready)
    }

    /// Where one of several connections finds a server that is well, those that do not are surplus too.
    @Test
    func connectionsToSickServersBehindOneAddressGo() throws {
        let upstream = try upstream(streams: 8)
        defer { upstream.stop() }
        upstream.on(Self.watch) { [.grpcHeaders(), $0.connection == 1 ? Self.serving : Self.notServing] }
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        let client = try client(upstream) { $0.surplusConnectionIdleTime = 50_000_000 }
        let calls = (0..<8).map { _ in client.start("/s/Slow") }
        #expect(client.run { upstream.requests(for: Self.watch).contains { $0.connection == 2 && $0.isScriptDone } })
        #expect(client.channel.state == .ready)
        gate.open()
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        #expect(upstream.requests(for: "/s/Slow").allSatisfy { $0.connection == 1 })
        #expect(client.run { upstream.openConnections == 1 })
    }

    /// The only server that is well goes away, and the one that is left says that it is not well.
    @Test
    func losingTheLastServingConnectionFailsCalls() throws {
        let upstream = try upstream(streams: 8)
        defer { upstream.stop() }
        upstream.on(Self.watch) { [.grpcHeaders(), $0.connection == 1 ? Self.serving : Self.notServing] }
        upstream.on("/s/Slow", .silence)
        let client = try client(upstream) { $0.maxConnectionsPerAddress = 2 }
        let calls = (0..<8).map { _ in client.start("/s/Slow") }
        #expect(client.run { upstream.requests(for: Self.watch).count == 2 })
        #expect(client.run { client.channel.snapshot().first?.addresses.first?.state == .ready })
        upstream.perform(.abort, onConnection: 1)
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .unavailable })
        #expect(isFailing(client))
        #expect(calls.contains { $0.outcome?.status.message.contains("NOT_SERVING") == true })
    }

    /// Otherwise it would be taken for well until a call finds out.
    @Test
    func aServerThatIsGoneAfterItWasServingIsNoticed() throws {
        let upstream = try ScriptedUpstream { ConnectionBehavior(answersPings: $0 > 1) }
        defer { upstream.stop() }
        upstream.on(Self.watch) { $0.connection == 1 ? [.grpcHeaders(), Self.serving] : .silence }
        let client = try client(upstream) {
            $0.keepaliveTime = 20_000_000
            $0.keepaliveTimeout = 30_000_000
        }
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        #expect(client.run { client.channel.state != .ready })
        #expect(upstream.connections.first?.pings == 1)
        #expect(client.run { upstream.acceptedConnections == 2 })
    }

    /// Neither well nor asked, a connection without a stream for the question would be waited for in vain.
    @Test
    func aConnectionThatAllowsNoStreamForTheCheckIsReplaced() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch) { [.grpcHeaders(), $0.connection == 1 ? Self.notServing : Self.serving] }
        let client = try client(upstream) {
            $0.healthCheckPeriod = 20_000_000
            $0.healthCheckTimeout = 60_000_000
        }
        client.channel.connect()
        #expect(client.run { isFailing(client) })
        upstream.perform(.settings([.maxConcurrentStreams(0)]), onConnection: 1)
        #expect(client.run { client.channel.state == .ready })
        #expect(upstream.acceptedConnections >= 2)
    }

    /// The check waits for the only stream, which a call has; other calls need not.
    @Test
    func aConnectionThatWaitsForItsCheckIsFull() throws {
        let upstream = try upstream(streams: 1)
        defer { upstream.stop() }
        upstream.on(Self.check, .answer([8, 1]))
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        let client = try client(upstream) { $0.healthCheckPeriod = 20_000_000 }
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let slow = client.start("/s/Slow")
        #expect(client.run { upstream.requests(for: "/s/Slow").contains(where: \.isComplete) })
        // Past the time of the next check.
        let end = client.deadline(after: .milliseconds(60))
        #expect(client.run { client.loop.now() > end })
        let call = client.start("/s/Echo", [4])
        #expect(client.finish(call))
        #expect(call.messages == [[4]])
        #expect(upstream.acceptedConnections == 2)
        gate.open()
        #expect(client.finish(slow))
    }

    /// As a server that goes away right after each connection was made, it is not hammered.
    @Test
    func aWatchIsNoProofOfUse() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch, [.grpcHeaders(), Self.serving, .goAway(), .close])
        let client = try client(upstream) { $0.backoff.initial = 60_000_000_000 }
        client.channel.connect()
        #expect(client.run { isFailing(client) })
        #expect(upstream.acceptedConnections == 2)
    }

    @Test
    func aClosedChannelEndsItsWatches() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        upstream.on(Self.watch, [.grpcHeaders(), Self.serving])
        let client = try client(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        client.channel.close()
        #expect(client.run { upstream.openConnections == 0 })
        #expect(upstream.connections.first?.goAwayCode == .noError)
    }

    @Test
    func nobodyIsAskedByDefault() throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        let client = try TestClient(upstream)
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        #expect(upstream.requests.map(\.path) == ["/s/Echo"])
    }
}
