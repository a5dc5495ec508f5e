import GatewayTesting
import Glibc
import Testing

/// Server-streaming methods, as a client of each format sees them.
@Suite
struct StreamingTests {
    private static let both: [Script.Step] = [
        .grpcHeaders(), .message(FeedStack.event("1")), .message(FeedStack.event("2", note: "a\nb")),
    ]

    @Test(arguments: [
        (
            nil, "application/x-ndjson",
            #"{"id":"1"}\#n{"id":"2","note":{"text":"a\nb"}}\#n"#
        ),
        (
            "application/json", "application/json",
            #"[{"id":"1"}\#n,{"id":"2","note":{"text":"a\nb"}}\#n]\#n"#
        ),
        (
            "text/event-stream", "text/event-stream",
            #"data: {"id":"1"}\#n\#ndata: {"id":"2","note":{"text":"a\nb"}}\#n\#nevent: end\#ndata: {}\#n\#n"#
        ),
    ])
    func theFormatFollowsAccept(accept: String?, contentType: String, body: String) throws {
        let stack = try FeedStack(["--json-indent", "2"])
        stack.on("Watch", Script(StreamingTests.both + [.grpcTrailers()]))
        let answer = try stack.get("/v1/events?topic=t", accept: accept)
        #expect(answer.status == 200)
        #expect(answer["content-type"] == contentType)
        #expect(answer["transfer-encoding"] == "chunked")
        #expect(answer["cache-control"] == "no-cache")
        #expect(answer["x-accel-buffering"] == "no")
        #expect(answer["x-content-type-options"] == "nosniff")
        #expect(answer["x-request-id"] != nil)
        #expect(answer.text == body)
        let request = try #require(stack.upstream.requests.first)
        #expect(request.messages == [ProtobufFixture.message { $0.string(1, "t") }])
        try stack.stop()
    }

    @Test(arguments: [
        (nil, ""), ("application/json", "[]\n"), ("text/event-stream", "event: end\ndata: {}\n\n"),
    ])
    func aStreamWithoutMessages(accept: String?, body: String) throws {
        let stack = try FeedStack()
        stack.on("Watch", [.grpcHeaders(), .grpcTrailers()])
        let answer = try stack.get("/v1/events", accept: accept)
        #expect(answer.status == 200)
        #expect(answer.text == body)
        try stack.stop()
    }

    @Test
    func aFieldOfEachMessage() throws {
        let stack = try FeedStack()
        stack.on("Watch", Script(StreamingTests.both + [.grpcTrailers()]))
        #expect(try stack.get("/v1/notes").text == #"{"text":""}\#n{"text":"a\nb"}\#n"#)
        try stack.stop()
    }

    /// Each message is with the client before the next one exists.
    @Test(arguments: [("application/x-ndjson", ""), ("application/json", "["), ("text/event-stream", "data: ")])
    func messagesAreFlushedOneByOne(accept: String, prefix: String) throws {
        let stack = try FeedStack()
        let (second, end) = (Gate(), Gate())
        stack.on(
            "Watch",
            [
                .grpcHeaders(), .message(FeedStack.event("1")), .hold(second), .message(FeedStack.event("2")),
                .hold(end), .grpcTrailers(),
            ]
        )
        let curl = try ChildProcess(
            "/usr/bin/curl",
            ["-sSN", "-H", "Accept: \(accept)", "http://\(stack.gateway.address)/v1/events"]
        )
        curl.closeInput()
        #expect(try curl.waitForLine(prefix: prefix + #"{"id":"1"}"#) == "")
        #expect(!curl.transcript.contains("2"))
        second.open()
        _ = try curl.waitForLine(prefix: (accept == "application/json" ? "," : prefix) + #"{"id":"2"}"#)
        #expect(curl.isRunning)
        end.open()
        #expect(try curl.waitForExit() == .code(0))
        try stack.stop()
    }

    // MARK: Errors

    /// Before the first message there is still a status to say it with.
    @Test(arguments: ["*/*", "application/json", "text/event-stream"])
    func aStreamThatFailsAtOnce(accept: String) throws {
        let stack = try FeedStack()
        for script: Script in [.status(5, "no such topic"), [.grpcHeaders(), .grpcTrailers(5, "no such topic")]] {
            stack.on("Watch", script)
            let answer = try Answer(stack.get("/v1/events", accept: accept))
            #expect(answer.status == 404)
            #expect(answer.error["status"] == "NOT_FOUND")
            #expect(answer.headers["content-type"] == "application/json")
        }
        try stack.stop()
    }

    @Test(arguments: [
        (nil, #"{"id":"1"}\#n\#(error)\#n"#),
        ("application/json", #"[{"id":"1"}\#n,\#(error)\#n]\#n"#),
        ("text/event-stream", #"data: {"id":"1"}\#n\#nevent: error\#ndata: \#(error)\#n\#n"#),
    ])
    func aStreamThatFailsLaterSaysSo(accept: String?, body: String) throws {
        let stack = try FeedStack()
        stack.on(
            "Watch",
            [.grpcHeaders(), .message(FeedStack.event("1")), .grpcTrailers(9, "gone away")]
        )
        let answer = try stack.get("/v1/events", accept: accept)
        #expect(answer.status == 200)
        #expect(answer.text == body)
        try stack.stop()
    }

    private static let error =
        #"{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"gone away","details":[]}}"#

    @Test
    func detailsOfALateErrorAreKept() throws {
        let stack = try FeedStack()
        let details = ProtobufFixture.status(8, "", details: [("acme.Secret", [1])])
        let trailers: HeaderList = ["grpc-status-details-bin": Base64.encode(details)]
        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1")), .grpcTrailers(8, "enough", trailers)])
        let last = try #require(stack.get("/v1/events").text.split(separator: "\n").last)
        let error = try JSON(parsing: String(last))["error"]
        #expect(error["code"] == 429)
        #expect(error["details"] == [["@type": "type.googleapis.com/acme.Secret", "value": "AQ=="]])
        try stack.stop()
    }

    /// The method is not marked as safe, so what breaks it off leaves its fate open.
    @Test(
        arguments: [
            ([.abort], "UNAVAILABLE"), ([.reset(.internalError)], "UNAVAILABLE"),
            ([.message([0xFF, 0xFF])], "INTERNAL"), ([.message([], compressed: true)], "UNAVAILABLE"),
            ([.message([1], length: 9), .grpcTrailers()], "UNAVAILABLE"), ([], "DEADLINE_EXCEEDED"),
        ] as [([Script.Step], String)]
    )
    func anyOtherEndIsAnErrorToo(steps: [Script.Step], status: String) throws {
        let stack = try FeedStack()
        // The first message gets through before what follows it.
        let start: [Script.Step] = [.grpcHeaders(), .message(FeedStack.event("1")), .delay(.milliseconds(50))]
        stack.on("Watch", Script(start + steps))
        let lines = try stack.get("/v1/events", headers: ["Grpc-Timeout": "400m"]).text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first == #"{"id":"1"}"#)
        #expect(try JSON(parsing: String(lines.last ?? ""))["error"]["status"] == .string(status))
        try stack.stop()
    }

    @Test
    func anUnreadableMessageEndsTheCall() throws {
        let stack = try FeedStack()
        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1")), .message([0xFF]), .message([])])
        let lines = try stack.get("/v1/events").text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(stack.resetCode() == .cancel)
        try stack.stop()
    }

    // MARK: Life and death

    @Test
    func aStreamOutlivesTheDeadlineOfOtherCalls() throws {
        let stack = try FeedStack(["--deadline", "0.1"])
        stack.on(
            "Watch",
            [
                .grpcHeaders(), .message(FeedStack.event("1")), .delay(.milliseconds(400)),
                .message(FeedStack.event("2")), .grpcTrailers(),
            ]
        )
        #expect(try stack.get("/v1/events").text.split(separator: "\n").count == 2)
        try stack.stop()
    }

    @Test(arguments: [true, false])
    func aClientThatGoesCancelsTheCall(isBusy: Bool) throws {
        let stack = try FeedStack()
        let events = (0..<50).flatMap { _ in
            [Script.Step.message(FeedStack.event("x")), .delay(.milliseconds(isBusy ? 20 : 0))]
        }
        stack.on("Watch", Script([.grpcHeaders()] + events))
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/events")
        _ = try client.readHead()
        client.close()
        #expect(stack.resetCode(within: .seconds(1)) == .cancel)
        #expect(try stack.get("/v1/nothing").status == 404)
        try stack.stop()
    }

    @Test
    func theConnectionServesOn() throws {
        let stack = try FeedStack()
        stack.on("Watch", Script(StreamingTests.both + [.grpcTrailers()]))
        let client = try stack.gateway.client()
        for _ in 0..<3 {
            #expect(try client.get("/v1/events").text.hasSuffix("\n"))
            #expect(try client.get("/v1/nothing").status == 404)
        }
        try client.sendRequest("GET", "/v1/events")
        try client.sendRequest("GET", "/v1/nothing")
        #expect(try client.readResponse().status == 200)
        #expect(try client.readResponse().status == 404)
        try stack.stop()
    }

    /// HTTP/1.0 has no chunks: the end of the connection is the end of the stream.
    @Test
    func anOldClient() throws {
        let stack = try FeedStack()
        stack.on("Watch", Script(StreamingTests.both + [.grpcTrailers()]))
        let client = try stack.gateway.client()
        try client.send("GET /v1/events HTTP/1.0\r\n\r\n")
        let text = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(text.contains(" 200 OK\r\n"))
        #expect(!text.lowercased().contains("chunked"))
        #expect(text.hasSuffix("\r\n\r\n" + #"{"id":"1"}\#n{"id":"2","note":{"text":"a\nb"}}\#n"#))
        try stack.stop()
    }

    /// A stop lets streams go on for its grace, then ends them with an error.
    @Test
    func aStopEndsStreamsInWords() throws {
        let stack = try FeedStack(["--shutdown-grace", "0.3"])
        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1"))])
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/events")
        #expect(stack.upstream.waitForRequests(1).count == 1)
        let exit = try stack.gateway.stop()
        #expect(exit == .code(0), "\(stack.gateway.process.transcript)")
        let lines = try client.readResponse().text.split(separator: "\n")
        #expect(lines.first == #"{"id":"1"}"#)
        #expect(try JSON(parsing: String(lines.last ?? ""))["error"]["status"] == "UNAVAILABLE")
        stack.upstream.stop()
    }

    /// A stream of events that has none begins and shows that it lives, whether or not upstream has said anything.
    @Test(arguments: [[.grpcHeaders()], []] as [[Script.Step]])
    func aQuietStreamOfEventsIsKeptAlive(start: [Script.Step]) throws {
        let stack = try FeedStack(["--sse-keepalive", "0.2"])
        let gate = Gate()
        let headers: [Script.Step] = start.isEmpty ? [.grpcHeaders()] : []
        stack.on(
            "Watch",
            Script(start + [.hold(gate)] + headers + [.message(FeedStack.event("1")), .grpcTrailers(5, "gone")])
        )
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/events", headers: ["Accept": "text/event-stream"])
        let head = try client.readHead()
        #expect(head.status == 200)
        #expect(head["content-type"] == "text/event-stream")
        #expect(try client.readChunk() == Array(":\n\n".utf8))
        #expect(try client.readChunk() == Array(":\n\n".utf8))
        gate.open()
        var text = ""
        while let chunk = try client.readChunk() { text += String(decoding: chunk, as: UTF8.self) }
        #expect(text.contains("data: {\"id\":\"1\"}\n\nevent: error\ndata: {\"error\":{\"code\":404,"))
        try stack.stop()
    }

    // MARK: Back-pressure

    /// What waits for a slow client is what upstream sent, not the JSON that it will be, and waiting costs others nothing.
    @Test
    func smallMessagesThatMakeMuchJSON() async throws {
        let stack = try FeedStack()
        let count = 60_000
        // Each is 5 bytes upstream and 825 here.
        stack.on("Burst", [.grpcHeaders(), .times(count, .message([])), .grpcTrailers()])
        let client = try stack.gateway.client(timeout: .seconds(60))
        try client.sendRequest("GET", "/v1/bursts")
        _ = try client.readHead()
        let start = MonotonicTime.now
        for _ in 0..<20 { #expect(try stack.get("/v1/nothing").status == 404) }
        #expect(MonotonicTime.now.nanoseconds - start.nanoseconds < 2_000_000_000)
        try await Task.sleep(for: .milliseconds(500))
        try stack.gateway.expectMemory(peak: 48 << 20)
        var (lines, bytes) = (0, 0)
        while let chunk = try client.readChunk() {
            lines += chunk.count { $0 == 0x0A }
            bytes += chunk.count
        }
        #expect(lines == count)
        #expect(bytes == count * 825)
        try stack.stop()
    }

    /// Two bytes upstream are 825 bytes of JSON here, so the size of what comes bounds little.
    @Test
    func anAnswerOfWhichTooMuchJSONWouldBeMade() throws {
        let stack = try FeedStack(["--max-response-bytes", "100000"])
        let wide = [UInt8](repeating: 0, count: 0)
        let small = ProtobufFixture.message { list in for _ in 0..<900 { list.bytes(1, wide) } }
        stack.on("ListWide", .answer(small))
        #expect(try Answer(stack.get("/v1/bursts:list")).json["items"].elements.count == 900)
        stack.on("ListWide", .answer(ProtobufFixture.message { list in for _ in 0..<1000 { list.bytes(1, wide) } }))
        let answer = try Answer(stack.get("/v1/bursts:list"))
        #expect(answer.status == 502)
        #expect(answer.error["status"] == "RESOURCE_EXHAUSTED")
        #expect(answer.detail("ErrorInfo")["reason"] == "ANSWER_TOO_LARGE")
        try stack.stop()
    }

    /// The memory of a large message goes when the message has gone.
    @Test
    func anIdleStreamKeepsNothing() throws {
        let stack = try FeedStack(["--max-body-bytes", "8388608"])
        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event(String(repeating: "x", count: 4 << 20)))])
        let clients = try (0..<12).map { _ in try stack.gateway.client() }
        for client in clients {
            try client.sendRequest("GET", "/v1/events")
            _ = try client.readHead()
            var bytes = 0
            while bytes < 4 << 20, let chunk = try client.readChunk() { bytes += chunk.count }
        }
        try stack.gateway.expectMemory(now: 64 << 20)
        for client in clients { client.close() }
        try stack.stop()
    }

    /// An upstream that has far more to say than the client reads is stopped by its flow-control window.
    @Test
    func aSlowReaderStopsTheUpstream() async throws {
        let stack = try FeedStack(["--max-deadline", "60"])
        let count = 1500
        let event = FeedStack.event(String(repeating: "x", count: 65_536))
        stack.on(
            "Watch",
            Script([.grpcHeaders()] + [Script.Step](repeating: .message(event), count: count) + [.grpcTrailers()])
        )
        let client = try stack.gateway.client(timeout: .seconds(30))
        try client.sendRequest("GET", "/v1/events")
        #expect(stack.upstream.waitForRequests(1).count == 1)
        try await Task.sleep(for: .milliseconds(1500))
        // 98 MB are on offer; no more than the windows and buffers of the way may have left upstream.
        #expect(stack.upstream.requests.first?.isScriptDone == false)
        try stack.gateway.expectMemory(peak: 64 << 20)
        let lines = try client.readResponse().text.split(separator: "\n")
        #expect(lines.count == count)
        #expect(lines.allSatisfy { $0.utf8.count == 65_536 + 9 })
        try stack.stop()
    }
}
