import Bytes
import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Servers that take requests more slowly than they are made, or no longer at all.
@Suite
struct BackpressureTests {
    static let megabyte = [UInt8](repeating: 1, count: 1024 * 1024)

    /// What ended calls leave behind while nothing can be written is neither their message nor without a bound.
    @Test
    func aServerThatStopsReadingFillsTheQueueAndNothingElse() throws {
        // Windows of a gigabyte, so that the socket is what stops the requests.
        let greeting =
            HTTP2Frame.bytes(type: 4, payload: [0, 4, 0x3f, 0xff, 0xff, 0xff])
            + HTTP2Frame.bytes(type: 8, payload: [0x3f, 0xff, 0, 0])
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: [.maxConcurrentStreams(100_000)], greeting: greeting, reads: false)
        }
        defer { upstream.stop() }
        let client = try TestClient(upstream) { $0.maxWaitingCalls = 5 }
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })

        let first = (0..<32).map { _ in client.start("/s/M", Self.megabyte, timeout: .milliseconds(100)) }
        #expect(client.finish(first))
        for call in first {
            #expect(call.code == .deadlineExceeded)
            let kept = call.message.count
            #expect(kept == 0)
        }
        // They cannot have a stream any more: five wait, the others are refused.
        for _ in 0..<3 {
            let later = (0..<12).map { _ in client.start("/s/M", Self.megabyte, timeout: .milliseconds(50)) }
            #expect(client.finish(later))
            #expect(later.allSatisfy { $0.outcome?.reach == .neverSent })
            #expect(later.count { $0.outcome?.origin == .overload } == 7)
            #expect(later.allSatisfy { ($0.outcome?.origin == .overload) == ($0.outcome?.retryAfter != nil) })
            #expect(later.count { $0.outcome?.origin == .deadline(.queue) } == 5)
        }
        #expect(upstream.acceptedConnections == 1)
    }

    /// An upload that always fills the socket leaves room for other calls.
    @Test
    func smallCallsGetPastALargeUpload() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.initialWindowSize(1 << 30)]) }
        defer { upstream.stop() }
        upstream.on("/s/Large") { .answer(Array("\($0.messages.first?.count ?? 0)".utf8)) }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        upstream.perform(.windowUpdate(stream: 0, 1 << 30))
        // Its answer comes behind the window.
        let before = client.start("/s/Echo", [1])
        #expect(client.finish(before))

        let large = client.start("/s/Large", [UInt8](repeating: 3, count: 64 * 1024 * 1024))
        client.loop.runOnce(waiting: false)
        let small = (0..<50).map { client.start("/s/Echo", [UInt8($0)]) }
        #expect(client.finish(small))
        #expect(small.map(\.messages) == (0..<50).map { [[UInt8($0)]] })
        #expect(client.finish(large))
        #expect(large.messages == [Array("67108864".utf8)])
    }

    /// A call that ends in the middle of its upload gives its stream up, and the connection goes on.
    @Test
    func aCallThatEndsDuringItsUploadIsForgotten() throws {
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: [.initialWindowSize(100_000)], grantsWindow: false)
        }
        defer { upstream.stop() }
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream)
        let call = client.start("/s/M", Self.megabyte)
        #expect(client.run { upstream.requests.first.map { $0.body.count > 0 } ?? false })
        call.cancel()
        #expect(client.finish(call))
        #expect(client.run { upstream.requests.first?.resetCode == .cancel })
        let kept = call.message.count
        #expect(kept == 0)
        #expect(upstream.openConnections == 1)
    }
}
