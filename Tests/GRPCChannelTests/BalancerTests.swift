import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Several servers behind one channel.
@Suite
struct BalancerTests {
    private func upstreams(_ count: Int) throws -> [ScriptedUpstream] {
        try (0..<count).map { index in
            let upstream = try ScriptedUpstream()
            upstream.on("/s/Who", .answer([UInt8(index)]))
            upstream.on("/s/Submit", .answer([UInt8(index)]))
            return upstream
        }
    }

    private func client(
        _ upstreams: [ScriptedUpstream],
        _ configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws -> TestClient {
        let client = try TestClient(targets: upstreams.map { "http://\($0.address)" }, configure)
        client.channel.connect()
        #expect(client.run { upstreams.allSatisfy { $0.connections.contains(where: \.isSettingsAcknowledged) } })
        return client
    }

    @Test(arguments: [2, 3, 5])
    func callsAreSpreadEvenly(count: Int) throws {
        let upstreams = try upstreams(count)
        defer { upstreams.forEach { $0.stop() } }
        let client = try client(upstreams)
        let calls = (0..<(count * 20)).map { _ in client.start("/s/Who") }
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        for upstream in upstreams {
            #expect(upstream.requests.count == 20)
            #expect(upstream.requests.allSatisfy { $0.authority == upstream.address })
            #expect(upstream.acceptedConnections == 1)
            #expect(upstream.violations.isEmpty)
        }
    }

    @Test
    func theAddressesOfOneTargetTakeTurns() throws {
        let upstreams = try upstreams(3)
        defer { upstreams.forEach { $0.stop() } }
        let addresses = upstreams.compactMap { SocketAddress(literal: "127.0.0.1", port: $0.port) }
        let client = try TestClient(targets: []) {
            $0.targets = [ChannelTarget(addresses: addresses, authority: "many")]
        }
        client.channel.connect()
        #expect(client.run { upstreams.allSatisfy { $0.connections.contains(where: \.isSettingsAcknowledged) } })
        let calls = (0..<30).map { _ in client.start("/s/Who") }
        #expect(client.finish(calls))
        for upstream in upstreams {
            #expect(upstream.requests.count == 10)
            #expect(upstream.requests.allSatisfy { $0.authority == "many" })
        }
    }

    @Test
    func aServerThatDiesIsPassedOverAndUsedAgain() throws {
        var upstreams = try upstreams(2)
        defer { upstreams.forEach { $0.stop() } }
        let port = upstreams[0].port
        let reserved = upstreams[0]
        let client = try client(upstreams)
        reserved.stop()
        #expect(
            client.run {
                let calls = (0..<2).map { _ in client.start("/s/Who") }
                return client.finish(calls) && calls.allSatisfy { $0.messages == [[1]] }
            }
        )
        // None is lost from now on: what is not ready gets none.
        let moved = (0..<50).map { _ in client.start("/s/Who") }
        #expect(client.finish(moved))
        #expect(moved.allSatisfy { $0.messages == [[1]] })
        #expect(client.channel.state == .ready)

        let second = try ScriptedUpstream(port: port)
        second.on("/s/Who", .answer([2]))
        upstreams[0] = second
        #expect(client.run { second.connections.contains(where: \.isSettingsAcknowledged) })
        let spread = (0..<50).map { _ in client.start("/s/Who") }
        #expect(client.finish(spread))
        #expect(spread.count { $0.messages == [[2]] } == 25)
    }

    /// What a server refuses by GOAWAY, a submit too, goes to the other at once, not only when its successor is there.
    @Test
    func callsThatAServerRefusesMoveToAnother() throws {
        let leaving = try ScriptedUpstream { $0 == 1 ? .standard : ConnectionBehavior(settings: nil) }
        let staying = try ScriptedUpstream()
        defer { [leaving, staying].forEach { $0.stop() } }
        leaving.on("/s/Submit", .silence)
        staying.on("/s/Submit") { .answer($0.messages.first ?? []) }
        let client = try client([leaving, staying])
        let calls = (0..<40).map { client.start("/s/Submit", [UInt8($0)]) }
        #expect(client.run { leaving.requests.count { $0.isComplete } == 20 })
        leaving.perform(.goAway(lastStream: 0, .noError, debug: []))
        #expect(client.finish(calls))
        for (index, call) in calls.enumerated() {
            #expect(call.code == .ok)
            #expect(call.messages == [[UInt8(index)]])
        }
        #expect(staying.requests.count == 40)
    }

    /// One that takes nothing more does not keep calls from one that does.
    @Test
    func aFullServerIsPassedOver() throws {
        let full = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(1)]) }
        let free = try ScriptedUpstream()
        defer { [full, free].forEach { $0.stop() } }
        full.on("/s/Who", .silence)
        free.on("/s/Who", .answer([1]))
        let client = try client([full, free]) { $0.maxConnectionsPerAddress = 1 }
        let calls = (0..<21).map { _ in client.start("/s/Who") }
        #expect(client.run { calls.count { $0.isClosed } == 20 })
        #expect(client.run { full.requests.count == 1 })
        #expect(free.requests.count == 20)
    }

    @Test
    func theChannelHasFailedOnceEveryServerHas() throws {
        let ports = try (0..<3).map { _ in try PortReservation() }
        let client = try TestClient(targets: ports.map { "http://127.0.0.1:\($0.port)" }) {
            $0.backoff.initial = 60_000_000_000
            $0.backoff.maximum = 60_000_000_000
        }
        let call = client.start("/s/Who")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(call.outcome?.origin == .network)
        guard case .transientFailure = client.channel.state else {
            Issue.record("state: \(client.channel.state)")
            return
        }
    }

    @Test
    func aChannelWithoutTargetsFailsItsCalls() throws {
        let client = try TestClient(targets: [])
        let call = client.start("/s/Who")
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.unavailable, "the channel has no upstream"))
    }

    @Test
    func closingEndsTheCallsOfEveryServer() throws {
        let upstreams = try (0..<3).map { _ in try ScriptedUpstream() }
        defer { upstreams.forEach { $0.stop() } }
        for upstream in upstreams { upstream.on("/s/Who", .silence) }
        let client = try client(upstreams)
        let calls = (0..<9).map { _ in client.start("/s/Who") }
        #expect(client.run { upstreams.allSatisfy { $0.requests.count { $0.isComplete } == 3 } })
        client.channel.close()
        #expect(calls.allSatisfy { $0.closeCount == 1 && $0.code == .unavailable })
        #expect(client.channel.state == .shutdown)
    }
}
