import EventLoop
import GatewayTesting
import RPCCore
import Synchronization
import Testing

@testable import GRPCChannel

/// Names whose addresses come and go.
@Suite
struct LookupTests {
    /// What the name has, and how often it was looked up.
    private final class Names: Sendable {
        private let state: Mutex<(addresses: [SocketAddress], lookups: Int)>

        init(_ upstreams: ScriptedUpstream...) {
            state = Mutex((Names.addresses(upstreams), 0))
        }

        private static func addresses(_ upstreams: [ScriptedUpstream]) -> [SocketAddress] {
            upstreams.compactMap { SocketAddress(literal: "127.0.0.1", port: $0.port) }
        }

        func become(_ upstreams: ScriptedUpstream...) {
            let addresses = Names.addresses(upstreams)
            state.withLock { $0.addresses = addresses }
        }

        var lookups: Int { state.withLock { $0.lookups } }

        var lookup: GRPCChannel.Lookup {
            { _, _, loop, completion in
                LoopTimer.callSoon(on: loop) {
                    let addresses = self.state.withLock { state in
                        state.lookups += 1
                        return state.addresses
                    }
                    completion(.success(addresses))
                }
            }
        }
    }

    private func upstream(_ answer: UInt8) throws -> ScriptedUpstream {
        let upstream = try ScriptedUpstream()
        upstream.on("/s/Who", .answer([answer]))
        return upstream
    }

    @Test
    func newAddressesAreUsedAndThoseThatAreGoneAreDrained() throws {
        let first = try upstream(1)
        let second = try upstream(2)
        let third = try upstream(3)
        defer { [first, second, third].forEach { $0.stop() } }
        let gate = Gate()
        first.on("/s/Slow", [.hold(gate)] + .answer([9]))
        let names = Names(first, second)
        let client = try TestClient(target: "http://name") {
            $0.lookup = names.lookup
            $0.lookupPeriod = 20_000_000
        }
        second.on("/s/Slow", [.hold(gate)] + .answer([9]))
        let slow = (0..<2).map { _ in client.start("/s/Slow") }
        #expect(client.run { first.requests.count + second.requests.count == 2 && second.openConnections == 1 })
        names.become(second, third)
        #expect(
            client.run { [second, third].allSatisfy { $0.connections.contains(where: \.isSettingsAcknowledged) } }
        )
        let calls = (0..<20).map { _ in client.start("/s/Who") }
        #expect(client.finish(calls))
        #expect(calls.count { $0.messages == [[2]] } == 10)
        #expect(calls.count { $0.messages == [[3]] } == 10)
        #expect(slow.allSatisfy { !$0.isClosed })
        gate.open()
        #expect(client.finish(slow))
        #expect(slow.allSatisfy { $0.code == .ok })
        #expect(client.run { first.openConnections == 0 })
        #expect(second.acceptedConnections == 1)
    }

    @Test
    func aLostConnectionMakesTheNameLookedUpAgain() throws {
        let old = try upstream(1)
        let new = try upstream(2)
        defer { [old, new].forEach { $0.stop() } }
        let names = Names(old)
        let client = try TestClient(target: "http://name") {
            $0.lookup = names.lookup
            $0.minimumLookupInterval = 10_000_000
        }
        let before = client.start("/s/Who")
        #expect(client.finish(before))
        #expect(before.messages == [[1]])
        #expect(names.lookups == 1)
        names.become(new)
        old.stop()
        #expect(client.run { new.connections.contains(where: \.isSettingsAcknowledged) })
        let after = client.start("/s/Who")
        #expect(client.finish(after))
        #expect(after.messages == [[2]])
    }

    @Test
    func lookupsAfterFailuresAreFewAndFarBetween() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(endsAtOnce: .close) }
        defer { upstream.stop() }
        let names = Names(upstream)
        let client = try TestClient(target: "http://name") {
            $0.lookup = names.lookup
            $0.minimumLookupInterval = 30_000_000_000
        }
        client.channel.connect()
        #expect(client.run { upstream.acceptedConnections == 10 })
        #expect(names.lookups == 1)
    }

    @Test
    func aNameWithoutAddressesIsLookedUpAgainUntilItHasOne() throws {
        let upstream = try upstream(1)
        defer { upstream.stop() }
        let names = Names()
        let client = try TestClient(target: "http://name") { $0.lookup = names.lookup }
        let call = client.start("/s/Who")
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.unavailable, "upstream http://name: the name has no address"))
        #expect(client.run { names.lookups == 4 })
        names.become(upstream)
        #expect(client.run { client.channel.state == .ready })
    }

    @Test
    func aLookupWithoutAnAnswerDoesNotKeepCallsWaiting() throws {
        let client = try TestClient(target: "http://name") {
            $0.connectTimeout = 20_000_000
            $0.lookup = { _, _, _, _ in }
        }
        let call = client.start("/s/Who")
        #expect(client.finish(call))
        #expect(call.outcome?.status.message == "upstream http://name: connect: no address within 0.02 s")
        let next = client.start("/s/Who")
        #expect(client.finish(next))
        #expect(next.code == .unavailable)
    }

    @Test
    func noMoreAddressesAreUsedThanAllowed() throws {
        let upstreams = try (0..<3).map { try upstream(UInt8($0)) }
        defer { upstreams.forEach { $0.stop() } }
        let names = Names(upstreams[0], upstreams[1], upstreams[2])
        let client = try TestClient(target: "http://name") {
            $0.lookup = names.lookup
            $0.maxAddressesPerTarget = 2
        }
        let calls = (0..<30).map { _ in client.start("/s/Who") }
        #expect(client.finish(calls))
        #expect(upstreams[2].acceptedConnections == 0)
    }
}
