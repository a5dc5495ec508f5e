import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// What being watched, and what is heard, means for a connection: when it drains, ends or is replaced.
@Suite
struct WatchedConnectionTests: HealthTesting {
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
