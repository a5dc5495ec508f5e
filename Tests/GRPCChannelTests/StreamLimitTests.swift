import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Servers that allow few calls at a time (MAX_CONCURRENT_STREAMS).
@Suite
struct StreamLimitTests {
    private func upstream(_ limit: UInt32) throws -> ScriptedUpstream {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(limit)]) }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        return upstream
    }

    @Test(arguments: [1, 10] as [UInt32], [1, 4])
    func twoHundredCallsAreAllAnswered(limit: UInt32, connections: Int) throws {
        let upstream = try upstream(limit)
        defer { upstream.stop() }
        let client = try TestClient(upstream) { $0.maxConnectionsPerAddress = connections }
        let calls = (0..<200).map { client.start("/s/Echo", [UInt8($0)]) }
        #expect(client.finish(calls))
        for (index, call) in calls.enumerated() {
            #expect(call.code == .ok)
            #expect(call.messages == [[UInt8(index)]])
        }
        #expect(upstream.requests.count == 200)
        #expect(upstream.acceptedConnections <= connections)
        #expect(upstream.violations.isEmpty)
    }

    @Test
    func connectionsAreMadeAsCallsNeedThemAndNoMoreThanAllowed() throws {
        let upstream = try upstream(2)
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        let client = try TestClient(upstream) { $0.maxConnectionsPerAddress = 3 }
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        var calls = [client.start("/s/Slow"), client.start("/s/Slow")]
        #expect(client.run { upstream.requests.count { $0.isComplete } == 2 })
        #expect(upstream.acceptedConnections == 1)
        calls += [client.start("/s/Slow")]
        #expect(client.run { upstream.requests.count { $0.isComplete } == 3 })
        #expect(upstream.acceptedConnections == 2)
        calls += (0..<20).map { _ in client.start("/s/Slow") }
        #expect(client.run { upstream.requests.count { $0.isComplete } == 6 })
        #expect(upstream.acceptedConnections == 3)
        gate.open()
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        #expect(upstream.acceptedConnections == 3)
    }

    @Test
    func connectionsThatAreNotNeededAreClosed() throws {
        let upstream = try upstream(1)
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        let client = try TestClient(upstream) { $0.surplusConnectionIdleTime = 20_000_000 }
        let calls = (0..<4).map { _ in client.start("/s/Slow") }
        #expect(client.run { upstream.requests.count { $0.isComplete } == 4 })
        #expect(upstream.openConnections == 4)
        gate.open()
        #expect(client.finish(calls))
        #expect(client.run { upstream.openConnections == 1 })
        let call = client.start("/s/Echo", [5])
        #expect(client.finish(call))
        #expect(call.messages == [[5]])
        #expect(upstream.acceptedConnections == 4)
    }

    /// A server that allows no calls at all would allow none on a further connection either.
    @Test
    func aLimitOfNothingIsNotWorkedAround() throws {
        let upstream = try upstream(0)
        defer { upstream.stop() }
        let client = try TestClient(upstream)
        let call = client.start("/s/Echo", [1], timeout: .milliseconds(50))
        #expect(client.finish(call))
        #expect(call.code == .deadlineExceeded)
        #expect(call.outcome?.status.message.contains("a free stream") == true)
        #expect(upstream.acceptedConnections == 1)
    }

    @Test
    func oneConnectionThatAllowsNothingDoesNotKeepOthersFromBeingMade() throws {
        let upstream = try upstream(1)
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        let client = try TestClient(upstream)
        let slow = (0..<2).map { _ in client.start("/s/Slow") }
        #expect(client.run { upstream.requests.count { $0.isComplete } == 2 })
        upstream.perform(.settings([.maxConcurrentStreams(0)]), onConnection: 1)
        let end = client.deadline(after: .milliseconds(50))
        #expect(client.run { client.loop.now() > end })
        let call = client.start("/s/Echo", [6])
        #expect(client.finish(call))
        #expect(call.messages == [[6]])
        #expect(upstream.acceptedConnections == 3)
        gate.open()
        #expect(client.finish(slow))
    }

    @Test
    func aFurtherConnectionThatCannotBeMadeChangesNothing() throws {
        let upstream = try ScriptedUpstream { number in
            number == 1
                ? ConnectionBehavior(settings: [.maxConcurrentStreams(1)]) : ConnectionBehavior(endsAtOnce: .abort)
        }
        defer { upstream.stop() }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        let client = try TestClient(upstream)
        let calls = (0..<50).map { client.start("/s/Echo", [UInt8($0)]) }
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        #expect(client.channel.state == .ready)
        #expect(upstream.requests.allSatisfy { $0.connection == 1 })
    }
}
