import EventLoop
import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Deadlines, cancellation, and hooks that do what they please.
@Suite
struct ClientCallTests {
    @Test
    func aStalledCallEndsAtItsDeadline() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.grpcHeaders()])
        let client = try TestClient(upstream)
        let patient = client.start("/s/M", timeout: .seconds(3600))
        let call = client.start("/s/M", timeout: .milliseconds(80))
        let begun = client.loop.now()
        #expect(client.finish(call))
        #expect(client.loop.now().remaining(at: begun) < 5_000_000_000)
        #expect(
            call.outcome?.status
                == Status(.deadlineExceeded, "the deadline passed while waiting for the upstream's answer")
        )
        #expect(call.outcome?.origin == .deadline(.upstream))
        #expect(call.outcome?.reach == .mayHaveRun)
        #expect(client.run { upstream.requests.contains { $0.resetCode == .cancel } })
        #expect(!patient.isClosed)
    }

    @Test
    func theMessageNamesThePhaseThatRanOut() throws {
        let upstream = try ScriptedUpstream {
            $0 == 1 ? ConnectionBehavior(settings: nil) : ConnectionBehavior(settings: [.maxConcurrentStreams(0)])
        }
        defer { upstream.stop() }
        let client = try TestClient(upstream) { $0.connectTimeout = 200_000_000 }
        let connecting = client.start("/s/M", timeout: .milliseconds(50))
        #expect(client.finish(connecting))
        #expect(connecting.outcome?.status.message == "the deadline passed while connecting to the upstream")
        #expect(connecting.outcome?.origin == .deadline(.connect))
        #expect(connecting.outcome?.reach == .neverSent)
        #expect(client.run { client.channel.state == .ready })
        let queued = client.start("/s/M", timeout: .milliseconds(50))
        #expect(client.finish(queued))
        #expect(
            queued.outcome?.status.message == "the deadline passed while waiting for a free stream to the upstream"
        )
        #expect(queued.outcome?.origin == .deadline(.queue))
    }

    @Test
    func aDeadlineThatHasPassedSendsNothing() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let client = try TestClient(upstream)
        let call = RecordingCall(client.method("/s/M"), deadline: Deadline(nanoseconds: 1))
        client.channel.start(call)
        #expect(!call.isClosed)
        #expect(client.finish(call))
        #expect(call.code == .deadlineExceeded)
        #expect(upstream.requests.isEmpty)
    }

    @Test
    func manyDeadlinesPassInTheirOrder() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .silence)
        let client = try TestClient(upstream)
        var order: [Int] = []
        let calls = [30, 10, 50, 20, 40].map { milliseconds in
            let call = client.start("/s/M", timeout: .milliseconds(milliseconds))
            call.onClose = { _ in order.append(milliseconds) }
            return call
        }
        #expect(client.finish(calls))
        #expect(order == [10, 20, 30, 40, 50])
    }

    @Test
    func cancellingResetsTheStreamAndTellsLater() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .silence)
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.run { upstream.requests.count == 1 })
        call.cancel()
        call.cancel()
        #expect(!call.isClosed)
        #expect(client.finish(call))
        #expect(call.outcome?.status.code == .cancelled)
        #expect(call.outcome?.origin == .cancelled)
        #expect(client.run { upstream.requests.first?.resetCode == .cancel })
        call.cancel()
        let later = client.start("/s/Other")
        #expect(client.finish(later))
        #expect(call.closeCount == 1)
    }

    @Test
    func cancellingBeforeAnythingWasWritten() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let call = client.start("/s/M")
        call.cancel()
        let good = client.start("/s/Good")
        #expect(client.finish(call, good))
        #expect(call.outcome?.reach == .neverSent)
        #expect(good.code == .ok)
        #expect(upstream.requests.map(\.path) == ["/s/Good"])
    }

    @Test
    func cancellingFromWithinAHook() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.grpcHeaders(), .data(GRPCFrame.encode([1]) + GRPCFrame.encode([2])), .grpcTrailers()])
        let client = try TestClient(upstream)
        let other = client.start("/s/Silent")
        upstream.on("/s/Silent", .silence)
        let call = RecordingCall(client.method("/s/M", isServerStreaming: true))
        call.onMessage = { call in
            call.cancel()
            other.cancel()
        }
        client.channel.start(call)
        #expect(client.finish(call))
        #expect(call.code == .cancelled)
        #expect(call.messages == [[1]])
    }

    @Test
    func startingTheNextCallFromWithinAHook() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        let client = try TestClient(upstream)
        var calls: [RecordingCall] = []
        func startNext() {
            let call = client.start("/s/Echo", [UInt8(calls.count)])
            calls.append(call)
            call.onClose = { _ in if calls.count < 20 { startNext() } }
        }
        startNext()
        #expect(client.run { calls.count == 20 && calls.allSatisfy(\.isClosed) })
        #expect(calls.allSatisfy { $0.code == .ok })
    }

    @Test(arguments: ["message", "close", "lost"])
    func closingTheChannelFromWithinAHook(hook: String) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", hook == "lost" ? [.abort] : .answer([1]))
        upstream.on("/s/Silent", .silence)
        let client = try TestClient(upstream)
        let silent = (0..<5).map { _ in client.start("/s/Silent") }
        let call = RecordingCall(client.method("/s/M"))
        if hook == "message" {
            call.onMessage = { _ in client.channel.close() }
        } else {
            call.onClose = { _ in client.channel.close() }
        }
        client.channel.start(call)
        #expect(client.finish(silent + [call]))
        #expect(client.channel.state == .shutdown)
        #expect((silent + [call]).allSatisfy { $0.closeCount == 1 })
        #expect(call.code == (hook == "close" ? .ok : .unavailable))
        #expect(silent.allSatisfy { $0.code == .unavailable })
    }

    @Test
    func closingTheChannelEndsEverythingBeforeItReturns() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(1)]) }
        defer { upstream.stop() }
        upstream.on("/s/M", .silence)
        let client = try TestClient(upstream) { $0.maxConnectionsPerAddress = 1 }
        let calls = (0..<3).map { _ in client.start("/s/M") }
        #expect(client.run { upstream.requests.count == 1 })
        let pending = client.start("/s/M", timeout: .zero)
        client.channel.close()
        client.channel.close()
        #expect(calls.allSatisfy { $0.code == .unavailable && $0.outcome?.origin == .cancelled })
        #expect(calls.map { $0.outcome?.reach } == [.mayHaveRun, .neverSent, .neverSent])
        #expect(pending.closeCount == 1)
        client.channel.flush()

        let late = client.start("/s/M")
        #expect(!late.isClosed)
        #expect(client.finish(late))
        #expect(late.outcome?.status == Status(.unavailable, "the channel is closed"))
    }

    @Test(arguments: ["Upper", "bad name", ":path", "connection", "te", "", "grpc-timeout"])
    func metadataThatCannotBeSent(name: String) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        var metadata = Metadata()
        metadata.append(name, "x")
        let call = client.start("/s/M", metadata: metadata)
        #expect(client.finish(call))
        #expect(call.code == .internalError)
        #expect(call.outcome?.origin == .unsendable)
        #expect(call.outcome?.reach == .neverSent)
        #expect(upstream.requests.isEmpty)
    }

    @Test
    func metadataPastWhatAHeaderBlockHolds() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let client = try TestClient(upstream)
        var metadata = Metadata()
        metadata.append("x-large", String(repeating: "v", count: 200_000))
        let call = client.start("/s/M", metadata: metadata)
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.invalidArgument, "the request's headers are too large"))
        #expect(call.outcome?.origin == .unsendable)
        #expect(call.outcome?.reach == .neverSent)
        #expect(upstream.requests.isEmpty)
    }
}
