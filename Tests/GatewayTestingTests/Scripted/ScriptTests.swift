import Testing

@testable import GatewayTesting

/// What each step of a script looks like to a client.
@Suite
struct ScriptTests {
    typealias Event = HTTP2TestClient.Event

    private static let ok: HeaderList = [":status": "200", "content-type": "application/grpc"]

    private func events(of script: Script, settings: [HTTP2Setting] = []) throws -> [Event] {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", script)
        let client = try HTTP2TestClient(port: upstream.port, settings: settings)
        let events = client.finish(client.request("/t.S/M", message: [1, 2, 3]))
        #expect(upstream.violations.isEmpty)
        return events
    }

    @Test
    func aProperAnswerIsHeadersDataTrailers() throws {
        let seen = try events(of: .answer([7, 8], headers: ["x-a": "1", "x-a": "2"], trailers: ["x-t": "z"]))
        #expect(
            seen == [
                .headers(stream: 1, ScriptTests.ok + ["x-a": "1", "x-a": "2"], endStream: false),
                .data(stream: 1, [0, 0, 0, 0, 2, 7, 8], endStream: false),
                .headers(stream: 1, ["grpc-status": "0", "x-t": "z"], endStream: true),
            ]
        )
    }

    @Test
    func trailersOnlyIsOneFrame() throws {
        let seen = try events(of: .status(5, "no%20such", details: [8, 5]))
        let fields: HeaderList = ["grpc-status": "5", "grpc-message": "no%20such", "grpc-status-details-bin": "CAU"]
        #expect(seen == [.headers(stream: 1, ScriptTests.ok + fields, endStream: true)])
    }

    @Test
    func anAnswerThatIsNotGRPC() throws {
        let seen = try events(of: .http(503, body: "<h1>down</h1>"))
        #expect(
            seen == [
                .headers(stream: 1, [":status": "503", "content-type": "text/html"], endStream: false),
                .data(stream: 1, Array("<h1>down</h1>".utf8), endStream: true),
            ]
        )
    }

    @Test
    func headerValuesAreBytes() throws {
        let seen = try events(of: [
            .trailers(HeaderList([HeaderField(":status", "200"), HeaderField("grpc-message", bytes: [0xFF, 0xC3])]))
        ])
        guard case .headers(_, let headers, _) = seen.first else {
            Issue.record("no headers")
            return
        }
        #expect(headers.fields.last?.value == [0xFF, 0xC3])
    }

    @Test
    func dataIsSplitAsTheScriptSplitsIt() throws {
        let frame = GRPCFrame.encode([1, 2, 3, 4])
        let seen = try events(of: [
            .grpcHeaders(), .data(Array(frame[..<3])), .data([]), .data(Array(frame[3..<7])),
            .data(Array(frame[7...]), endStream: true),
        ])
        #expect(
            Array(seen.dropFirst()) == [
                .data(stream: 1, Array(frame[..<3]), endStream: false),
                .data(stream: 1, [], endStream: false),
                .data(stream: 1, Array(frame[3..<7]), endStream: false),
                .data(stream: 1, Array(frame[7...]), endStream: true),
            ]
        )
    }

    @Test(arguments: [
        (Script.Step.message([9], compressed: true), [1, 0, 0, 0, 1, 9] as [UInt8]),
        (.message([9], length: 0x0102_0304), [0, 1, 2, 3, 4, 9]),
        (.message([9, 9, 9], length: 1), [0, 0, 0, 0, 1, 9, 9, 9]),
        (.message([]), [0, 0, 0, 0, 0]),
    ])
    func messagesMayLie(step: Script.Step, bytes: [UInt8]) throws {
        let seen = try events(of: [.grpcHeaders(), step, .grpcTrailers()])
        #expect(seen.dropFirst().first == .data(stream: 1, bytes, endStream: false))
    }

    @Test(arguments: (0...13).map { HTTP2ErrorCode(rawValue: $0) } + [HTTP2ErrorCode(rawValue: 0xDEAD_BEEF)])
    func resetsWithAnyCode(code: HTTP2ErrorCode) throws {
        #expect(try events(of: [.reset(code)]) == [.reset(stream: 1, code)])
        let late = try events(of: [.grpcHeaders(), .message([1]), .reset(code)])
        #expect(late.count == 3)
        #expect(late.last == .reset(stream: 1, code))
    }

    @Test
    func handWrittenFramesPassUnchanged() throws {
        let seen = try events(of: [
            .raw { HTTP2Frame.headers(stream: $0, [":status": "200", "X-Upper": "Q"]) },
            .raw { HTTP2Frame.data(stream: $0, [1, 2], endStream: true) },
        ])
        #expect(
            seen == [
                .headers(stream: 1, [":status": "200", "X-Upper": "Q"], endStream: false),
                .data(stream: 1, [1, 2], endStream: true),
            ]
        )
    }

    @Test
    func dataMayComeBeforeHeaders() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", [.data([1]), .grpcHeaders()])
        let client = try HTTP2TestClient(port: upstream.port)
        _ = client.request("/t.S/M")
        _ = upstream.waitForRequests { $0.first?.isScriptDone == true }
        client.run { _ in client.isFinished }
        let connections = upstream.waitForConnections { $0[0].goAwayCode != nil }
        #expect(connections.first?.goAwayCode == .protocolError)
    }

    @Test
    func framesMayComeAfterTheEndOfTheStream() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", at: .headers, [.grpcHeaders(), .grpcTrailers(), .data([1]), .grpcTrailers(), .ping()])
        let client = try HTTP2TestClient(port: upstream.port)
        let stream = client.request("/t.S/M", endStream: false)
        client.run { _ in client.isFinished }
        #expect(client.events(of: stream).count == 2)
        let connections = upstream.waitForConnections { $0[0].goAwayCode != nil }
        #expect(connections.first?.goAwayCode == .streamClosed)
        #expect(upstream.requests.first?.isScriptDone == true)
    }

    @Test
    func largeAnswersFollowFlowControl() throws {
        let message = [UInt8](repeating: 5, count: 300_000)
        let seen = try events(of: .answer(message), settings: [.initialWindowSize(1000)])
        let body = seen.reduce(into: [UInt8]()) { body, event in
            if case .data(_, let bytes, _) = event { body += bytes }
        }
        #expect(GRPCFrame.decode(body) == [message])
        #expect(seen.count > 300)
    }

    @Test
    func aStepMayBeTakenManyTimes() throws {
        let seen = try events(of: [
            .grpcHeaders(), .times(2, .data([1])), .times(0, .data([2])), .times(2, .times(2, .data([3]))),
            .grpcTrailers(),
        ])
        let data = seen.compactMap { event -> [UInt8]? in
            if case .data(_, let bytes, _) = event { return bytes }
            return nil
        }
        #expect(data == [[1], [1], [3], [3], [3], [3]])
        #expect(seen.last == .headers(stream: 1, ["grpc-status": "0"], endStream: true))
    }

    /// The client reads everything at once, so windows of 1000 bytes have to be opened again and again.
    @Test
    func whatFlowControlLetsThroughIsOnRecord() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", [.grpcHeaders(), .times(50, .data([UInt8](repeating: 1, count: 300))), .grpcTrailers()])
        let client = try HTTP2TestClient(port: upstream.port, settings: [.initialWindowSize(1000)])
        _ = client.finish(client.request("/t.S/M"))
        let requests = upstream.waitForRequests { $0.first?.isScriptDone ?? false }
        let request = try #require(requests.first)
        #expect(request.sentBytes == 15_000)
        #expect(request.windowGranted >= 14_000 && request.windowGranted <= 15_000)
    }

    /// Padding takes its share of the window, which has to be opened for it.
    @Test
    func framesMayBePadded() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(padding: 100) }
        let part = [UInt8](repeating: 1, count: 30)
        upstream.on("/t.S/M", [.grpcHeaders(), .times(50, .data(part)), .grpcTrailers()])
        let client = try HTTP2TestClient(port: upstream.port, settings: [.initialWindowSize(1000)])
        let seen = client.finish(client.request("/t.S/M"))
        #expect(seen.filter { $0 == .data(stream: 1, part, endStream: false) }.count == 50)
        let requests = upstream.waitForRequests { $0.first?.isScriptDone ?? false }
        let request = try #require(requests.first)
        #expect(request.sentBytes == 1500)
        #expect(request.windowGranted >= 50 * 130 - 1000)
    }

    @Test
    func closeComesAfterWhatWasSent() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", [.grpcHeaders(), .message([1]), .close])
        let client = try HTTP2TestClient(port: upstream.port)
        let stream = client.request("/t.S/M")
        client.run { $0.contains(.closed) }
        #expect(client.events.last == .closed)
        #expect(client.events(of: stream).count == 2)
        _ = upstream.waitForConnections { !$0[0].isOpen }
        #expect(upstream.openConnections == 0)
        #expect(upstream.requests.first?.isConnectionLost == true)
    }

    @Test
    func abortIsAReset() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", [.abort])
        let client = try HTTP2TestClient(port: upstream.port)
        _ = client.request("/t.S/M")
        client.run { $0.contains(.aborted) }
        #expect(client.events.last == .aborted)
    }

    @Test
    func goAwayForgetsStreamsAboveItsID() throws {
        let upstream = try ScriptedUpstream()
        let gate = Gate()
        upstream.on("/t.S/Slow") { _ in [.hold(gate)] + .answer([1]) }
        upstream.on("/t.S/Away", [.goAway(lastStream: 1, .enhanceYourCalm, debug: Array("too_many_pings".utf8))])
        let client = try HTTP2TestClient(port: upstream.port)
        let slow = client.request("/t.S/Slow")
        _ = client.request("/t.S/Away")
        let expected = Event.goAway(lastStream: 1, .enhanceYourCalm, debug: Array("too_many_pings".utf8))
        #expect(client.run { $0.contains(expected) })
        gate.open()
        #expect(client.finish(slow).count == 3)
        #expect(upstream.openConnections == 1)
    }

    @Test
    func goAwayInTwoPhases() throws {
        let upstream = try ScriptedUpstream()
        let gate = Gate()
        upstream.on("/t.S/M") { _ in
            [.goAway(), .hold(gate), .goAway(lastStream: 1), .grpcHeaders(), .message([1]), .grpcTrailers(), .close]
        }
        let client = try HTTP2TestClient(port: upstream.port)
        let stream = client.request("/t.S/M")
        #expect(client.run { $0.contains(.goAway(lastStream: .max, .noError, debug: [])) })
        gate.open()
        client.run { $0.contains(.closed) }
        #expect(client.events.contains(.goAway(lastStream: 1, .noError, debug: [])))
        #expect(client.events(of: stream).count == 3)
        #expect(client.events.last == .closed)
    }

    @Test
    func delaysAndGatesHoldAnAnswerBack() throws {
        let upstream = try ScriptedUpstream()
        let gate = Gate()
        upstream.on("/t.S/M") { _ in [.grpcHeaders(), .delay(.milliseconds(60)), .hold(gate), .grpcTrailers()] }
        let client = try HTTP2TestClient(port: upstream.port)
        let start = MonotonicTime.now
        let stream = client.request("/t.S/M")
        client.run { !$0.isEmpty && !client.events(of: stream).isEmpty }
        let early = client.run(timeout: .milliseconds(20)) { _ in client.events(of: stream).count > 1 }
        #expect(!early)
        #expect(upstream.requests.first?.isScriptDone == false)
        gate.open()
        #expect(client.finish(stream).count == 2)
        #expect(MonotonicTime.now >= start.advanced(by: .milliseconds(60)))
        #expect(upstream.waitForRequests { $0[0].isScriptDone }[0].isScriptDone)
    }

    @Test
    func silenceStaysSilent() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", .silence)
        let client = try HTTP2TestClient(port: upstream.port)
        let stream = client.request("/t.S/M")
        #expect(upstream.waitForRequests(1).count == 1)
        #expect(!client.run(timeout: .milliseconds(50)) { _ in !client.events(of: stream).isEmpty })
    }

    @Test
    func pingsFlood() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", [.ping(500), .connection(.settings([.maxConcurrentStreams(3)]))] + .status(0))
        let client = try HTTP2TestClient(port: upstream.port)
        let seen = client.finish(client.request("/t.S/M"))
        #expect(seen.count == 1)
        #expect(client.events.count { $0 == .ping } == 500)
        #expect(client.events.contains(.settings([.maxConcurrentStreams(3)], isAcknowledgement: false)))
        #expect(upstream.waitForConnections { $0[0].pingAnswers == 500 }[0].pingAnswers == 500)
    }
}
