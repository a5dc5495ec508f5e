import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// What is told of targets and their addresses, and when.
@Suite
struct UpstreamStateTests {
    @Test
    func fromIdleToTheEnd() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .answer([1]))
        let client = try TestClient(upstream)
        var seen: [[UpstreamState]] = []
        client.channel.onStateChange = { seen.append(client.channel.snapshot()) }
        let target = "http://\(upstream.address)"
        #expect(
            client.channel.snapshot() == [UpstreamState(target: target, state: .idle, addresses: [], lookupError: nil)]
        )
        client.channel.connect()
        // Never from within a call of ours.
        #expect(seen.isEmpty)
        #expect(client.run { client.channel.state == .ready && seen.count == 2 })
        #expect(seen.map { $0.map(\.state) } == [[.connecting], [.ready]])
        #expect(seen.last?.first?.addresses.map(\.address) == [upstream.address])
        #expect(seen.last?.first?.addresses.map(\.note) == [nil])
        // Calls change nothing.
        let calls = (0..<50).map { _ in client.start("/s/M") }
        #expect(client.finish(calls))
        #expect(seen.count == 2)
        client.channel.close()
        #expect(client.channel.snapshot().isEmpty)
        let end = client.deadline(after: .milliseconds(20))
        #expect(client.run { client.loop.now() > end })
        #expect(seen.count == 2)
    }

    @Test
    func aServerThatIsDownAndOneThatIsNot() throws {
        let upstream = try ScriptedUpstream()
        let reservation = try PortReservation()
        defer { upstream.stop() }
        let client = try TestClient(targets: ["http://\(upstream.address)", "http://127.0.0.1:\(reservation.port)"])
        client.channel.connect()
        #expect(
            client.run {
                let states = client.channel.snapshot().map(\.state)
                guard states.count == 2, states[0] == .ready, case .transientFailure = states[1] else { return false }
                return true
            }
        )
        let down = try #require(client.channel.snapshot().last?.addresses.first)
        #expect(down.address == "127.0.0.1:\(reservation.port)")
        #expect(down.note?.contains("connection refused") == true)
        #expect(client.channel.state == .ready)
    }

    @Test
    func aNameThatCannotBeLookedUp() throws {
        let client = try TestClient(target: "http://name.invalid") {
            $0.lookup = { _, _, loop, completion in
                LoopTimer.callSoon(on: loop) { completion(.success([])) }
            }
        }
        var count = 0
        client.channel.onStateChange = { count += 1 }
        client.channel.connect()
        #expect(client.run { client.channel.snapshot().first?.lookupError == "the name has no address" && count > 0 })
        #expect(client.channel.snapshot().first?.target == "http://name.invalid")
    }

    static let wholes: [([ConnectivityState], ConnectivityState)] = {
        let soon = ConnectivityState.transientFailure(retryAt: Deadline(nanoseconds: 5))
        let late = ConnectivityState.transientFailure(retryAt: Deadline(nanoseconds: 9))
        return [
            ([], .transientFailure(retryAt: .never)), ([.idle], .idle), ([soon, .ready, .connecting], .ready),
            ([soon, .connecting, .idle], .connecting), ([late, .idle], .idle), ([late, soon, late], soon),
            ([.shutdown], .transientFailure(retryAt: .never)),
        ]
    }()

    @Test(arguments: UpstreamStateTests.wholes.indices)
    func theStateOfAWhole(index: Int) {
        let (parts, whole) = UpstreamStateTests.wholes[index]
        #expect(ConnectivityState(of: parts) == whole)
    }
}
