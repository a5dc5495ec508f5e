import Bytes
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// What a channel and its connections may hold.
@Suite
struct MemoryLimitTests {
    @Test
    func theBytesThatWaitAreBounded() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(0)]) }
        defer { upstream.stop() }
        let client = try TestClient(upstream) { $0.maxWaitingBytes = 2500 }
        let message = [UInt8](repeating: 1, count: 1000)
        let calls = (0..<4).map { _ in client.start("/s/M", message) }
        #expect(client.finish(calls[2], calls[3]))
        #expect(calls[2].outcome?.origin == .overload)
        #expect(calls[2].outcome?.status == Status(.unavailable, "2010 bytes wait for the upstream already"))
        #expect(!calls[0].isClosed && !calls[1].isClosed)
        // A place is free again when one has gone.
        calls[0].cancel()
        let next = client.start("/s/M", message)
        let refused = client.start("/s/M", message)
        #expect(client.finish(refused))
        #expect(!next.isClosed)
    }

    @Test
    func oneCallMayWaitWhateverItsSize() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M") { .answer(Array("\($0.messages.first?.count ?? 0)".utf8)) }
        let client = try TestClient(upstream) { $0.maxWaitingBytes = 10 }
        let call = client.start("/s/M", [UInt8](repeating: 1, count: 1000))
        #expect(client.finish(call))
        #expect(call.messages == [Array("1000".utf8)])
    }

    @Test
    func aServerWithoutALimitOfStreamsIsGivenOne() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: []) }
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on("/s/M", [.hold(gate)] + .answer([1]))
        let client = try TestClient(upstream) {
            $0.maxStreamsPerConnection = 10
            $0.maxConnectionsPerAddress = 2
        }
        let calls = (0..<50).map { _ in client.start("/s/M") }
        #expect(client.run { upstream.requests.count { $0.isComplete } == 20 })
        #expect(upstream.requests.count { $0.connection == 1 } == 10)
        gate.open()
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.code == .ok })
        #expect(upstream.acceptedConnections == 2)
    }

    /// Messages that are announced and do not come; those that fit are still answered.
    @Test
    func theMessagesUnderWayAreBounded() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let gate = Gate()
        let message = [UInt8](repeating: 7, count: 1000)
        upstream.on("/s/M") { _ in
            [
                .grpcHeaders(), .data(Array(GRPCFrame.encode(message)[..<100])), .hold(gate),
                .data(Array(GRPCFrame.encode(message)[100...])), .grpcTrailers(0),
            ]
        }
        upstream.on("/s/Small", .answer([1]))
        let client = try TestClient(upstream) { $0.maxIncomingBytes = 3500 }
        let calls = (0..<10).map { _ in client.start("/s/M") }
        #expect(client.run { calls.count { $0.isClosed } == 7 })
        for call in calls where call.isClosed {
            #expect(call.outcome?.status == Status(.resourceExhausted, "the answers under way hold too much memory"))
            #expect(call.outcome?.origin == .limit)
        }
        let small = client.start("/s/Small")
        #expect(client.finish(small))
        #expect(small.code == .ok)
        gate.open()
        #expect(client.finish(calls))
        #expect(calls.count { $0.messages == [message] } == 3)
        // What has ended is no longer counted.
        for _ in 0..<5 {
            let more = (0..<3).map { _ in client.start("/s/M") }
            #expect(client.finish(more))
            #expect(more.allSatisfy { $0.code == .ok })
        }
        #expect(upstream.requests.count { $0.resetCode == .cancel } == 7)
    }

    /// A server that makes us answer faster than it reads is cut off, and nothing piles up for it.
    @Test
    func aFloodOfPingsToASocketThatIsNotReadIsEnded() throws {
        let ping = HTTP2Frame.bytes(type: 6, payload: [UInt8](repeating: 0, count: 8))
        let pings = Array(repeating: ping, count: 100_000)
        let settings = HTTP2Frame.bytes(type: 4, payload: [])
        let upstream = try ScriptedUpstream { connection in
            guard connection == 1 else { return .standard }
            return ConnectionBehavior(settings: nil, greeting: settings + pings.flatMap(\.self), reads: false)
        }
        defer { upstream.stop() }
        upstream.on("/s/M", .answer([1]))
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { upstream.acceptedConnections == 2 })
        #expect(client.run { client.channel.state == .ready })
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .ok)
    }
}
