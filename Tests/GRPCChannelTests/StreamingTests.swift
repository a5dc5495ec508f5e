import EventLoop
import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Calls that are answered by any number of messages.
@Suite
struct StreamingTests {
    @Test
    func aMessageIsHandedOutBeforeTheNextIsSent() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let gates = (0..<3).map { _ in Gate() }
        upstream.on(
            "/s/M",
            [
                .grpcHeaders(), .message([1]), .hold(gates[0]), .message([2]), .hold(gates[1]), .message([3]),
                .hold(gates[2]), .grpcTrailers(),
            ]
        )
        let client = try TestClient(upstream)
        let call = client.stream("/s/M")
        for (number, gate) in gates.enumerated() {
            let expected = (0...number).map { [UInt8($0 + 1)] }
            #expect(client.run { call.messages == expected })
            #expect(!call.isClosed)
            gate.open()
        }
        #expect(client.finish(call))
        #expect(call.code == .ok)
    }

    struct Ending: CustomTestStringConvertible {
        let name: String
        let script: Script
        let messages: [[UInt8]]
        let code: StatusCode
        var origin = CallOutcome.Origin.upstream
        var testDescription: String { name }
    }

    static let endings = [
        Ending(name: "no message", script: [.grpcHeaders(), .grpcTrailers()], messages: [], code: .ok),
        Ending(name: "no message, trailers only", script: .status(0), messages: [], code: .ok),
        Ending(name: "an error at once", script: .status(5, "gone"), messages: [], code: .notFound),
        Ending(
            name: "an error after messages",
            script: [.grpcHeaders(), .message([1]), .message([2]), .grpcTrailers(15, "lost")],
            messages: [[1], [2]],
            code: .dataLoss
        ),
        Ending(
            name: "an error in the middle of a message",
            script: [.grpcHeaders(), .message([1]), .message([2], length: 9), .grpcTrailers(8, "enough")],
            messages: [[1]],
            code: .resourceExhausted
        ),
        Ending(
            name: "OK in the middle of a message",
            script: [.grpcHeaders(), .message([1]), .message([2], length: 9), .grpcTrailers()],
            messages: [[1]],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Ending(
            name: "messages without trailers",
            script: [.grpcHeaders(), .message([1]), .data(GRPCFrame.encode([2]), endStream: true)],
            messages: [[1], [2]],
            code: .unknown,
            origin: .httpAnswer
        ),
        Ending(
            name: "a reset after messages",
            script: [.grpcHeaders(), .message([1]), .reset(.internalError)],
            messages: [[1]],
            code: .internalError,
            origin: .reset
        ),
        // Processed in part, so it must not be sent again.
        Ending(
            name: "a refusal after messages",
            script: [.grpcHeaders(), .message([1]), .reset(.refusedStream)],
            messages: [[1]],
            code: .unavailable,
            origin: .reset
        ),
        Ending(
            name: "a compressed message after a good one",
            script: [.grpcHeaders(), .message([1]), .message([2], compressed: true), .message([3])],
            messages: [[1]],
            code: .internalError,
            origin: .malformedAnswer
        ),
    ]

    @Test(arguments: Self.endings)
    func aStreamEnds(_ ending: Ending) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", ending.script)
        let client = try TestClient(upstream)
        let call = client.stream("/s/M")
        #expect(client.finish(call))
        #expect(call.messages == ending.messages)
        #expect(call.code == ending.code)
        #expect(call.outcome?.origin == ending.origin)
        #expect(upstream.requests.count == 1)
        upstream.on("/s/Next", .answer([7]))
        let next = client.start("/s/Next")
        #expect(client.finish(next))
        #expect(next.code == .ok)
    }

    @Test
    func trailersComeAfterTheMessages() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.grpcHeaders(), .message([1]), .grpcTrailers(0, nil, ["x-count": "1"])])
        let client = try TestClient(upstream)
        let call = client.stream("/s/M")
        #expect(client.finish(call))
        #expect(call.outcome?.trailers["x-count"] == "1")
    }

    /// Cancelled in the middle of a chunk, whatever follows in it is dropped.
    @Test(arguments: [1, 7, 1000])
    func cancellingStopsTheMessagesOfAChunk(count: Int) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let frames = (0..<1500).flatMap { GRPCFrame.encode([UInt8(truncatingIfNeeded: $0)]) }
        upstream.on("/s/M", [.grpcHeaders(), .times(100, .data(frames))])
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream)
        let call = client.stream("/s/M") { call in
            if call.messages.count == count { call.cancel() }
        }
        #expect(client.finish(call))
        #expect(call.messages.count == count)
        #expect(call.code == .cancelled)
        let good = client.start("/s/Good")
        #expect(client.finish(good))
        #expect(client.run { upstream.requests.first?.resetCode == .cancel })
        #expect(upstream.acceptedConnections == 1)
    }

    @Test
    func aDeadlineEndsAStream() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.grpcHeaders(), .message([1])])
        let client = try TestClient(upstream)
        let method = client.method("/s/M", isServerStreaming: true)
        let call = RecordingCall(method, deadline: client.deadline(after: .milliseconds(200)))
        client.channel.start(call)
        #expect(client.finish(call))
        #expect(call.messages == [[1]])
        #expect(call.code == .deadlineExceeded)
        #expect(client.run { upstream.requests.first?.resetCode == .cancel })
    }
}
