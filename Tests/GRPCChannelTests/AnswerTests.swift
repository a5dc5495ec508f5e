import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Answers that are not what one hopes for, over real sockets.
@Suite
struct AnswerTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let script: Script
        let code: StatusCode
        var origin = CallOutcome.Origin.upstream
        var message: String?
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "trailers-only", script: .status(5, "no%20job"), code: .notFound, message: "no job"),
        Case(
            name: "no message",
            script: [.grpcHeaders(), .grpcTrailers()],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(
            name: "two messages",
            script: [.grpcHeaders(), .message([1]), .message([2]), .grpcTrailers()],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(
            name: "compressed",
            script: [.grpcHeaders(), .message([1], compressed: true), .grpcTrailers()],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(
            name: "past the limit",
            script: [.grpcHeaders(), .message([], length: .max), .grpcTrailers()],
            code: .resourceExhausted,
            origin: .limit,
            message: "the answer has 4294967295 bytes, more than the 33554432 allowed"
        ),
        Case(
            name: "cut off",
            script: [.grpcHeaders(), .message([1, 2], length: 3), .grpcTrailers()],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(name: "a proxy's 503", script: .http(503, body: "<html>"), code: .unavailable, origin: .httpAnswer),
        Case(name: "a proxy's 404", script: .http(404, body: "<html>"), code: .unimplemented, origin: .httpRefusal),
        Case(name: "a web page", script: .http(200, body: "<html>"), code: .unknown, origin: .httpAnswer),
        Case(
            name: "no trailers",
            script: [.grpcHeaders(), .data(GRPCFrame.encode([1]), endStream: true)],
            code: .unknown,
            origin: .httpAnswer
        ),
        Case(
            name: "1xx first",
            script: [.headers([":status": "103"])] + .answer([7]),
            code: .ok
        ),
        Case(
            name: "headers past 64 KiB in several fields",
            script: [
                .raw { stream in
                    let fields =
                        [HeaderField(":status", "200")]
                        + (0..<40).map { HeaderField("x-\($0)", String(repeating: "v", count: 2000)) }
                    return AnswerTests.headers(stream, HTTP2Frame.literalBlock(HeaderList(fields)))
                },
                .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(
            name: "upper case in a field's name",
            script: [
                .raw { HTTP2Frame.headers(stream: $0, [":status": "200", "X-Upper": "1"]) }, .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer
        ),
        Case(
            name: "DATA before HEADERS",
            script: [.raw { HTTP2Frame.data(stream: $0, [0, 0, 0, 0, 0]) }, .hold(Gate())],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: PROTOCOL_ERROR (DATA: stream not opened)"
        ),
        Case(
            name: "an oversized frame",
            script: [.grpcHeaders(), .raw { HTTP2Frame.bytes(type: 0, stream: $0, length: 0xff_ffff) }, .hold(Gate())],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: FRAME_SIZE_ERROR (too large frame size)"
        ),
        Case(
            name: "garbage between frames",
            script: [.grpcHeaders(), .raw { _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }, .hold(Gate())],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: FRAME_SIZE_ERROR (too large frame size)"
        ),
        Case(
            name: "a header block that is not HPACK",
            script: [
                .raw {
                    HTTP2Frame.bytes(type: 1, flags: 4, stream: $0, payload: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
                },
                .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: COMPRESSION_ERROR"
        ),
        Case(
            name: "CONTINUATION without end",
            script: [
                .raw { stream in
                    let field = HTTP2Frame.literalBlock(["x-more": String(repeating: "y", count: 1000)])
                    let first = HTTP2Frame.bytes(type: 1, stream: stream, payload: field)
                    return first
                        + Array(repeating: HTTP2Frame.bytes(type: 9, stream: stream, payload: field), count: 200)
                        .joined()
                },
                .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: Too many CONTINUATION frames following a HEADER frame"
        ),
        Case(
            name: "a push",
            script: [
                .raw { HTTP2Frame.bytes(type: 5, flags: 4, stream: $0, payload: [0, 0, 0, 2, 0x82]) }, .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: PROTOCOL_ERROR (PUSH_PROMISE: push disabled)"
        ),
        Case(
            name: "more padding than payload",
            script: [
                .grpcHeaders(), .raw { HTTP2Frame.bytes(type: 0, flags: 8, stream: $0, payload: [9]) }, .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: PROTOCOL_ERROR (DATA: invalid padding)"
        ),
        Case(
            name: "a window update of nothing",
            script: [.raw { HTTP2Frame.bytes(type: 8, stream: $0, payload: [0, 0, 0, 0]) }, .hold(Gate())],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: PROTOCOL_ERROR (WINDOW_UPDATE: window_size_increment == 0)"
        ),
        Case(
            name: "a window past its maximum",
            script: [
                .raw { HTTP2Frame.bytes(type: 8, stream: $0, payload: [0x7f, 0xff, 0xff, 0xff]) }, .hold(Gate()),
            ],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the answer breaks HTTP/2: FLOW_CONTROL_ERROR"
        ),
        Case(
            name: "CONTINUATION of nothing",
            script: [.raw { HTTP2Frame.bytes(type: 9, stream: $0, payload: [0x88]) }, .hold(Gate())],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: PROTOCOL_ERROR (CONTINUATION: unexpected)"
        ),
        Case(
            name: "a last stream that cannot be",
            script: [.raw { _ in HTTP2Frame.bytes(type: 7, payload: [0, 0, 0, 2, 0, 0, 0, 0]) }, .hold(Gate())],
            code: .internalError,
            origin: .malformedAnswer,
            message: "the upstream broke HTTP/2: PROTOCOL_ERROR (GOAWAY: invalid last_stream_id)"
        ),
    ]

    /// A header block in as many frames as it takes.
    static func headers(_ stream: Int32, _ block: [UInt8]) -> [UInt8] {
        var rest = block[...]
        var frames: [UInt8] = []
        repeat {
            let part = Array(rest.prefix(16_384))
            rest = rest.dropFirst(16_384)
            let flags: UInt8 = rest.isEmpty ? 4 : 0
            frames += HTTP2Frame.bytes(type: frames.isEmpty ? 1 : 9, flags: flags, stream: stream, payload: part)
        } while !rest.isEmpty
        return frames
    }

    @Test(arguments: cases)
    func endsAsTheContractSays(_ test: Case) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", test.script)
        let client = try TestClient(upstream)
        let call = client.start("/s/M", [1])
        #expect(client.finish(call))
        #expect(call.code == test.code)
        #expect(call.outcome?.origin == test.origin)
        #expect(call.outcome?.reach == .mayHaveRun)
        if let message = test.message { #expect(call.outcome?.status.message == message) }
        #expect(call.outcome?.status.isOK == true || call.outcome?.status.message.isEmpty == false)
        #expect(call.closeCount == 1)

        // The channel is of use afterwards, on this connection or the next.
        upstream.on("/s/Good", .answer([7]))
        let next = client.start("/s/Good")
        #expect(client.finish(next))
        #expect(next.code == .ok)
    }

    /// The next caller's error tells nothing of what was wrong with the answer before.
    @Test
    func aBreachNamesNothingOfOtherCalls() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on(
            "/s/Private",
            [.raw { HTTP2Frame.headers(stream: $0, [":status": "200", "X-Secret": "tok3n"]) }, .hold(Gate())]
        )
        upstream.on("/s/M", [.raw { HTTP2Frame.bytes(type: 9, stream: $0, payload: [0x88]) }, .hold(Gate())])
        let client = try TestClient(upstream)
        let first = client.start("/s/Private")
        #expect(client.finish(first))
        #expect(first.outcome?.status.message == "the answer breaks HTTP/2: PROTOCOL_ERROR")
        let second = client.start("/s/M")
        #expect(client.finish(second))
        let message = try #require(second.outcome?.status.message)
        #expect(!message.lowercased().contains("secret") && !message.contains("tok3n"))
        #expect(message.contains("PROTOCOL_ERROR"))
    }

    @Test
    func detailsComeWithAnErrorInTrailers() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .status(9, "wrong state", details: [8, 9, 0x12, 0]))
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.failedPrecondition, "wrong state", details: [8, 9, 0x12, 0]))
    }

    /// Each split is a DATA frame of its own, so the message has to be put together.
    @Test
    func dataSplitAtEveryByte() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let frame = GRPCFrame.encode([1, 2, 3, 4])
        upstream.on("/s/M") { request in
            let split = request.ordinal
            let parts = [Array(frame[..<split]), Array(frame[split...])].filter { !$0.isEmpty }
            return Script([.grpcHeaders()] + parts.map { .data($0) } + [.grpcTrailers()])
        }
        upstream.on("/s/Bytes", Script([.grpcHeaders()] + frame.map { .data([$0]) } + [.grpcTrailers()]))
        let client = try TestClient(upstream)
        for _ in 0...frame.count {
            let call = client.start("/s/M")
            #expect(client.finish(call))
            #expect(call.messages == [[1, 2, 3, 4]])
            #expect(call.code == .ok)
        }
        let call = client.start("/s/Bytes")
        #expect(client.finish(call))
        #expect(call.messages == [[1, 2, 3, 4]])
    }

    /// Every code of RFC 9113, section 7, and one that is not there; REFUSED_STREAM is another matter.
    @Test(arguments: [
        (HTTP2ErrorCode.noError, StatusCode.internalError), (.protocolError, .internalError),
        (.internalError, .internalError), (.flowControlError, .internalError), (.settingsTimeout, .internalError),
        (.streamClosed, .internalError), (.frameSizeError, .internalError), (.cancel, .cancelled),
        (.compressionError, .internalError), (.connectError, .internalError), (.enhanceYourCalm, .resourceExhausted),
        (.inadequateSecurity, .permissionDenied), (.http11Required, .internalError),
        (HTTP2ErrorCode(rawValue: 0xdead), .internalError),
    ])
    func resetStreams(code: HTTP2ErrorCode, status: StatusCode) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Early", [.reset(code)])
        upstream.on("/s/Late", [.grpcHeaders(), .message([1]), .reset(code)])
        let client = try TestClient(upstream)
        let calls = [client.start("/s/Early"), client.start("/s/Late")]
        #expect(client.finish(calls))
        #expect(calls.map(\.code) == [status, status])
        #expect(calls.allSatisfy { $0.outcome?.origin == .reset && $0.outcome?.reach == .mayHaveRun })
        #expect(upstream.requests.count == 2)
    }

    @Test
    func aRefusedStreamIsSentAgainWhateverTheMethod() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Once", [.reset(.refusedStream)], .answer([1]))
        upstream.on("/s/Always", [.reset(.refusedStream)])
        // Once at once, then after waits.
        upstream.on("/s/Late") { $0.ordinal < 3 ? [.reset(.refusedStream)] : .answer([1]) }
        let client = try TestClient(upstream)
        let once = client.start("/s/Once", [5])
        let always = client.start("/s/Always")
        let late = client.start("/s/Late", [6])
        #expect(client.finish(once, always, late))
        #expect(once.code == .ok)
        #expect(upstream.requests(for: "/s/Once").map(\.messages) == [[[5]], [[5]]])
        #expect(always.code == .unavailable)
        #expect(always.outcome?.reach == .notProcessed)
        #expect(upstream.requests(for: "/s/Always").count == 4)
        #expect(late.code == .ok)
        #expect(upstream.requests(for: "/s/Late").map(\.messages) == [[[6]], [[6]], [[6]], [[6]]])
    }

    @Test
    func aLargeAnswerFlows() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let size = 8 * 1024 * 1024
        upstream.on("/s/M", .answer([UInt8](repeating: 0x5a, count: size)))
        let client = try TestClient(upstream) { configuration in
            configuration.streamWindow = 1024 * 1024
            configuration.connectionWindow = 1024 * 1024
        }
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.messages.map(\.count) == [size])
    }

    @Test
    func aStreamOfMessages() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.grpcHeaders(["x-a": "1"]), .message([1]), .message([]), .message([3]), .grpcTrailers()])
        let client = try TestClient(upstream)
        let call = RecordingCall(client.method("/s/M", isServerStreaming: true), keepsInitialMetadata: true)
        client.channel.start(call)
        #expect(client.finish(call))
        #expect(call.messages == [[1], [], [3]])
        #expect(call.initialMetadata["x-a"] == "1")
        #expect(call.code == .ok)
    }

    @Test
    func anAnswerBeforeTheRequestIsSentEndsTheUpload() throws {
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: [.initialWindowSize(16)], grantsWindow: false)
        }
        defer { upstream.stop() }
        upstream.on("/s/M", at: .headers, .status(7))
        let client = try TestClient(upstream)
        let call = client.start("/s/M", [UInt8](repeating: 1, count: 100_000))
        #expect(client.finish(call))
        #expect(call.code == .permissionDenied)
        #expect(client.run { upstream.requests.first?.resetCode == .cancel })
    }
}
