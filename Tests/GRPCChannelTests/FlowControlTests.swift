import EventLoop
import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Windows of what the server sends: held by a call, and never lost for the connection.
@Suite
struct FlowControlTests {
    static let megabyte = [UInt8](repeating: 0x5a, count: 1 << 20)
    static let window: Int32 = 1 << 20

    private static func client(_ upstream: ScriptedUpstream) throws -> TestClient {
        try TestClient(upstream) { configuration in
            configuration.streamWindow = window
            configuration.connectionWindow = 4 * window
        }
    }

    /// Runs unary calls until nothing has come for `path` during ten of them.
    private static func runUntilStalled(_ client: TestClient, _ upstream: ScriptedUpstream, _ path: String) -> Int {
        var before = -1
        for _ in 0..<1000 {
            let sent = upstream.requests(for: path).map(\.sentBytes).reduce(0, +)
            if sent == before { return sent }
            before = sent
            for _ in 0..<10 {
                let call = client.start("/s/Unary")
                guard client.finish(call), call.code == .ok else { return -1 }
            }
        }
        return -1
    }

    /// 100 MiB are offered; the window is what the server may send.
    @Test
    func aServerStopsAtAHeldWindow() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Unary", .answer([1]))
        upstream.on("/s/Flood", [.grpcHeaders(), .times(100, .message(Self.megabyte)), .grpcTrailers()])
        let client = try Self.client(upstream)
        let ready = client.start("/s/Unary")
        #expect(client.finish(ready))

        var received = 0
        let call = CountingCall(client.method("/s/Flood", isServerStreaming: true)) { received += $0 }
        call.holdWindow()
        call.holdWindow()
        client.channel.start(call)
        #expect(Self.runUntilStalled(client, upstream, "/s/Flood") == Int(Self.window))
        #expect(received == 0)
        #expect(upstream.requests(for: "/s/Flood").first?.windowGranted == 0)

        // Five bytes of prefix more than the window hold up a message.
        call.releaseWindow()
        call.releaseWindow()
        #expect(client.run { received > 0 })
        call.holdWindow()
        let stalled = Self.runUntilStalled(client, upstream, "/s/Flood")
        #expect(stalled > Int(Self.window) && stalled < 20 << 20)
        call.releaseWindow()
        #expect(client.run { call.isClosed })
        #expect(call.outcome?.status.code == .ok)
        #expect(received == 100 << 20)
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.violations.isEmpty)
    }

    /// As a gateway does it: held from within the hook, released a turn later, over and over.
    @Test
    func holdingAndReleasingInTurnsLosesNothing() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let message = [UInt8](repeating: 3, count: 100_000)
        upstream.on("/s/M", [.grpcHeaders(), .times(200, .message(message)), .grpcTrailers()])
        let client = try Self.client(upstream)
        var count = 0
        let call = CountingCall(client.method("/s/M", isServerStreaming: true)) { _ in count += 1 }
        call.onMessage = { call in
            switch count % 3 {
            case 0:
                call.holdWindow()
                LoopTimer.callSoon(on: client.loop) { call.releaseWindow() }
            case 1:
                call.holdWindow()
                call.releaseWindow()
            default: break
            }
        }
        client.channel.start(call)
        #expect(client.run { call.isClosed })
        #expect(call.outcome?.status.code == .ok)
        #expect(count == 200)
    }

    /// A window that is held is only its stream's.
    @Test
    func heldCallsDoNotStopOthers() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Unary", .answer([1]))
        upstream.on("/s/M", [.grpcHeaders(), .times(3, .message(Self.megabyte)), .grpcTrailers()])
        let client = try Self.client(upstream)
        // Ten streams of a window each are more than the connection's.
        let held = (0..<10).map { _ in
            let call = RecordingCall(client.method("/s/M", isServerStreaming: true))
            call.holdWindow()
            client.channel.start(call)
            return call
        }
        #expect(Self.runUntilStalled(client, upstream, "/s/M") == 10 * Int(Self.window))
        let free = client.stream("/s/M")
        #expect(client.finish(free))
        #expect(free.code == .ok)
        #expect(held.allSatisfy { !$0.isClosed })
        for call in held.dropFirst(5) { call.releaseWindow() }
        for call in held.prefix(5) { call.cancel() }
        #expect(client.finish(held))
        #expect(held.dropFirst(5).allSatisfy { $0.code == .ok && $0.messages.count == 3 })
        // Nothing is left to hold or to release.
        for call in held {
            call.holdWindow()
            call.releaseWindow()
        }
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.openConnections == 1)
    }

    @Test
    func aCallThatWasNeverStartedCanBeHeld() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let client = try Self.client(upstream)
        let call = RecordingCall(client.method("/s/M"))
        call.releaseWindow()
        call.holdWindow()
        call.holdWindow()
        call.releaseWindow()
        #expect(!call.isClosed)
    }

    /// Many times the connection's window, through calls that end in every way there is, with and without padding.
    @Test(arguments: [0, 1, 100] as [UInt8])
    func noCreditIsLostOverALongLife(padding: UInt8) throws {
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: [.maxConcurrentStreams(100)], padding: padding)
        }
        defer { upstream.stop() }
        let part = [UInt8](repeating: 9, count: 40_000)
        upstream.on("/s/Good", .answer(part))
        upstream.on("/s/Stream", [.grpcHeaders(), .times(3, .message(part)), .grpcTrailers()])
        upstream.on("/s/Reset", [.grpcHeaders(), .message(part), .reset(.internalError)])
        upstream.on("/s/Error", [.grpcHeaders(), .message(part), .grpcTrailers(13)])
        // More padding than content.
        upstream.on("/s/Small", [.grpcHeaders(), .times(300, .message([1, 2, 3])), .grpcTrailers()])
        // What follows the breach comes to a stream that the client has reset or is about to.
        upstream.on("/s/Malformed", [.grpcHeaders(), .message([1], compressed: true), .message(part)])
        upstream.on("/s/Flood", [.grpcHeaders(), .times(3, .message(part))])
        let window: Int32 = 256 * 1024
        let client = try TestClient(upstream) { configuration in
            configuration.streamWindow = window / 2
            configuration.connectionWindow = window
        }
        for _ in 0..<25 {
            let unary = ["Good", "Good", "Reset", "Error", "Malformed"].map { client.start("/s/\($0)") }
            let stream = client.stream("/s/Stream")
            let small = client.stream("/s/Small")
            let cancelled = client.stream("/s/Flood") { $0.cancel() }
            let held = client.stream("/s/Flood") { call in
                call.holdWindow()
                if call.messages.count == 3 { call.cancel() }
            }
            #expect(client.finish(unary + [stream, small, cancelled, held]))
            #expect(
                unary.map(\.code) == [.ok, .ok, .internalError, .internalError, .internalError]
            )
            #expect(stream.code == .ok && stream.messages.count == 3)
            #expect(small.code == .ok && small.messages.count == 300)
            #expect(held.messages.count == 3)
        }
        let sent = upstream.requests.map(\.sentBytes).reduce(0, +)
        #expect(sent > 30 * Int(window))
        // All of it can still be used at once.
        let last = (0..<8).map { _ in client.stream("/s/Stream") }
        #expect(client.finish(last))
        #expect(last.allSatisfy { $0.code == .ok })
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.violations.isEmpty)
    }

    /// DATA that was under way when its stream was reset is counted by the connection all the same.
    @Test
    func dataForStreamsThatAreGoneIsGivenBack() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let bytes = [UInt8](repeating: 0, count: 16_000)
        upstream.on("/s/M") { _ in
            // Past the end of the stream: the client has closed it by then.
            [
                .grpcHeaders(), .grpcTrailers(),
                // Of two answers in a row no more than half of the window, which is what may not have been given back.
                .times(2, .raw { stream in HTTP2Frame.data(stream: stream, bytes) }),
                .times(
                    2,
                    .raw { stream in
                        HTTP2Frame.bytes(type: 0, flags: 8, stream: stream, payload: [200] + bytes)
                    }
                ),
            ]
        }
        upstream.on("/s/Good", .answer(bytes))
        let client = try TestClient(upstream) { $0.connectionWindow = 256 * 1024 }
        for _ in 0..<100 {
            let call = client.stream("/s/M")
            #expect(client.finish(call))
            #expect(call.code == .ok)
        }
        let good = client.start("/s/Good")
        #expect(client.finish(good))
        #expect(good.code == .ok)
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.violations.isEmpty)
        // More than six MiB, none of which the server's nghttp2 has counted.
        #expect(client.run { (upstream.connections.first?.windowGranted ?? 0) > 6 << 20 })
    }
}
