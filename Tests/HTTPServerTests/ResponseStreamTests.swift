import EventLoop
import GatewayTesting
import Glibc
import Testing

@testable import HTTPServer

/// Answers that are sent piece by piece.
@Suite
struct ResponseStreamTests {
    @Test(arguments: [true, false])
    func theClientSeesEachMessageAsItIsWritten(isLate: Bool) throws {
        let server = try RunningServer { _, writer, thread in
            if isLate {
                var pending = Optional.some(writer)
                LoopTimer.callSoon(on: thread.loop) {
                    if let writer = pending.take() { thread.open(writer).write(text: "one") }
                }
            } else {
                thread.open(writer).write(text: "one")
            }
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        let head = try client.readHead()
        #expect(head.status == 200)
        #expect(head["content-type"] == "text/plain")
        #expect(head["transfer-encoding"] == "chunked")
        #expect(try client.readChunk() == Array("one".utf8))
        for text in ["two", "three"] {
            server.order { $0.streams[0].write(text: text) }
            #expect(try client.readChunk() == Array(text.utf8))
        }
        #expect(server.ask { $0.exchangesInProgress } == 1)
        server.order { $0.streams[0].finish() }
        #expect(try client.readChunk() == nil)
        #expect(server.ask { $0.exchangesInProgress } == 0)
        // The connection lives on.
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        #expect(try client.readChunk() == Array("one".utf8))
        #expect(server.ask { $0.connectionCount } == 1)
    }

    @Test
    func whatIsWrittenInOneTurnLeavesTogether() throws {
        let server = try RunningServer { _, writer, thread in thread.open(writer) }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        server.order { thread in
            for text in ["a", "", "b", "c"] { thread.streams[0].write(text: text) }
        }
        #expect(try client.readChunk() == Array("abc".utf8))
        server.order { thread in
            thread.streams[0].write(text: "last")
            thread.streams[0].finish()
            thread.streams[0].finish()
            thread.streams[0].abort()
            thread.streams[0].write(text: "too late")
        }
        #expect(try client.readChunk() == Array("last".utf8))
        #expect(try client.readChunk() == nil)
    }

    /// The kernel would keep what is sent with MSG_MORE for 200 ms; libmicrohttpd pushes a header block that stands alone.
    @Test
    func theHeaderBlockDoesNotWaitForTheBody() throws {
        let server = try RunningServer { _, writer, thread in thread.open(writer) }
        let clock = ContinuousClock()
        let times = try (0..<5).map { _ in
            let client = try server.client()
            let begun = clock.now
            try client.sendRequest("GET", "/")
            _ = try client.readHead()
            return clock.now - begun
        }
        // Of several, as the machine may be busy.
        #expect(times.min() ?? .seconds(1) < .milliseconds(100))
    }

    @Test(arguments: [true, false], [0, 5, 1_000_000])
    func anEndAtOnceIsAnEnd(isAbort: Bool, count: Int) throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            let stream = thread.open(writer)
            [UInt8](repeating: 0x61, count: count).withUnsafeBytes { stream.write($0) }
            if isAbort { stream.abort() } else { stream.finish() }
        }
        let client = try server.client()
        for _ in 0..<3 {
            guard isAbort else {
                #expect(try client.get("/").body.count == count)
                continue
            }
            let client = try server.client()
            try client.sendRequest("GET", "/")
            _ = try client.readHead()
            var received = 0
            #expect(throws: RawHTTPError.closed(received: "")) {
                while let chunk = try client.readChunk() { received += chunk.count }
            }
            #expect(received == count)
        }
        #expect(server.ask { $0.exchangesInProgress } == 0)
        #expect(server.notes.isEmpty)
    }

    @Test(arguments: ["HTTP/1.0\r\n", "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"], [0, 3, 300_000])
    func theConnectionEndsWithTheBodyWhereItMust(version: String, count: Int) throws {
        let server = try RunningServer { _, writer, thread in
            let stream = thread.open(writer)
            stream.write(text: "+")
            LoopTimer.callSoon(on: thread.loop) { stream.pour([UInt8](repeating: 0x61, count: 999), total: count) }
        }
        let client = try server.client()
        try client.send("GET / \(version)\r\n")
        let head = try client.readHead()
        let isChunked = version.hasPrefix("HTTP/1.1")
        #expect(head["transfer-encoding"] == (isChunked ? "chunked" : nil))
        #expect(head["content-length"] == nil)
        let expected = [0x2b] + [UInt8](repeating: 0x61, count: count)
        if isChunked {
            var body: [UInt8] = []
            while let chunk = try client.readChunk() { body += chunk }
            #expect(body == expected)
            #expect(client.isClosedByServer())
        } else {
            #expect(try client.readToEnd() == expected)
        }
    }

    @Test
    func pipelinedRequestsWaitForTheStreamBeforeThem() throws {
        let server = try RunningServer { exchange, writer, thread in
            let summary = exchange.summary
            let stream = thread.open(writer)
            stream.write(text: summary)
            LoopTimer.callSoon(on: thread.loop) {
                stream.write(text: " end")
                stream.finish()
            }
        }
        let client = try server.client()
        for number in 0..<20 { try client.sendRequest("POST", "/\(number)", body: Array("body".utf8)) }
        for number in 0..<20 { #expect(try client.readResponse().text == "POST /\(number) body end") }
    }

    /// The request's body is not needed any more, its header is not to be had.
    @Test
    func theRequestIsLentOutUntilTheStreamBegins() throws {
        let server = try RunningServer { exchange, writer, thread in
            thread.note(exchange.summary + exchange.headerText("x-name"))
            thread.open(writer).finish()
            thread.note("\(exchange.body.count)" + exchange.headerText("x-name"))
        }
        _ = try server.client().request("PUT", "/x", headers: ["X-Name": "n"], body: [0x62])
        #expect(server.notes == ["PUT /x bn", "0-"])
    }

    @Test(arguments: ["GET", "HEAD"])
    func aStatusWithoutABodyHasNone(method: String) throws {
        let server = try RunningServer { exchange, writer, thread in
            let stream = writer.stream(status: exchange.summary.contains("304") ? 304 : 204) { _ in }
            stream.write(text: "body")
            stream.finish()
        }
        for target in ["/304", "/204"] {
            let client = try server.client()
            let response = try client.request(method, target, headers: ["Connection": "close"])
            #expect(response.status == Int(target.dropFirst()))
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func aClientThatWantsNoBodyGetsNone(isFinished: Bool) throws {
        let server = try RunningServer { exchange, writer, thread in
            let target = exchange.summary
            exchange.onHangUp = { thread.note("\(target)no more") }
            let stream = thread.open(writer)
            stream.write(text: "body")
            if isFinished || target.hasPrefix("GET") { stream.finish() }
        }
        let client = try server.client()
        let head = try client.request("HEAD", "/x")
        #expect(head.status == 200)
        #expect(head.announcesClose)
        #expect(try client.readToEnd().isEmpty)
        #expect(try server.client().get("/y").text == "body")
        #expect(server.notes == (isFinished ? [] : ["HEAD /x no more"]))
        server.order { thread in
            thread.streams[0].write(text: "dropped")
            thread.note("\(thread.streams[0].pendingByteCount)")
        }
        #expect(server.waitForNote("0"))
    }

    @Test
    func aStreamThatIsDroppedIsCutOff() throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            thread.open(writer).write(text: "begun")
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        #expect(try client.readChunk() == Array("begun".utf8))
        server.order { $0.dropStreams() }
        #expect(throws: RawHTTPError.closed(received: "")) { try client.readChunk() }
        #expect(server.ask { $0.exchangesInProgress } == 0)
        #expect(server.notes.isEmpty)
    }

    /// However a stream ends, exchange, stream and body let go of each other.
    @Test(arguments: ["finish", "abort", "hang up", "HEAD", "drop", "close"])
    func nothingIsLeftOfAStream(ending: String) async throws {
        let server = try RunningServer { exchange, writer, thread in
            let stream = thread.open(writer)
            for object in [exchange, stream, stream.body] as [AnyObject] { thread.follow(object) }
            // As a gateway would: the hooks hold on to the stream, and it to them.
            exchange.onHangUp = { stream.finish() }
            stream.onDrain = { stream.write(text: "x") }
            stream.write(text: "begun")
        }
        let client = try server.client()
        try client.sendRequest(ending == "HEAD" ? "HEAD" : "GET", "/")
        _ = try client.readHead()
        if ending != "HEAD" {
            _ = try client.readChunk()
            #expect(server.ask { $0.livingObjects } == 3)
        }
        if ending == "hang up" { client.close() }
        server.order { thread in
            switch ending {
            case "finish": thread.streams[0].finish()
            case "abort": thread.streams[0].abort()
            case "close": thread.closeServer()
            default: break
            }
            thread.dropStreams()
            if ending == "drop" { thread.note("dropped") }
        }
        guard ending != "drop" else {
            // The hooks still hold it, so it is not dropped before the client is gone.
            #expect(server.waitForNote("dropped"))
            #expect(server.ask { $0.livingObjects } == 3)
            client.close()
            return try await eventually("nothing lives") { server.ask { $0.livingObjects } == 0 }
        }
        try await eventually("nothing lives") { server.ask { $0.livingObjects } == 0 }
    }

    @Test
    func manyStreamsAtOnce() throws {
        let server = try RunningServer { exchange, writer, thread in
            thread.open(writer).write(text: exchange.summary)
        }
        let clients = try (0..<200).map { _ in try server.client() }
        for (number, client) in clients.enumerated() {
            try client.sendRequest("GET", "/\(number)")
            _ = try client.readHead()
            #expect(try client.readChunk() == Array("GET /\(number) ".utf8))
        }
        #expect(server.ask { $0.exchangesInProgress } == 200)
        for round in 0..<10 {
            server.order { thread in
                for (number, stream) in thread.streams.enumerated() { stream.write(text: "\(round) \(number)") }
            }
            for (number, client) in clients.enumerated() {
                #expect(try client.readChunk() == Array("\(round) \(number)".utf8))
            }
        }
        server.order { thread in
            for stream in thread.streams { stream.finish() }
        }
        for client in clients { #expect(try client.readChunk() == nil) }
        #expect(server.ask { $0.exchangesInProgress } == 0)
    }

    /// A reader that said "nothing yet" without suspending would be asked again in every turn.
    @Test
    func aStreamThatWaitsCostsNothing() throws {
        let server = try RunningServer { _, writer, thread in thread.open(writer).write(text: "x") }
        let clients = try (0..<20).map { _ in try server.client() }
        for client in clients {
            try client.sendRequest("GET", "/")
            _ = try client.readHead()
            _ = try client.readChunk()
        }
        let look: @Sendable (ServerThread) -> (turns: Int, cpu: Int) = { thread in
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return (thread.turns, time.tv_sec * 1_000_000 + time.tv_nsec / 1000)
        }
        let before = try #require(server.ask(look))
        #expect(throws: RawHTTPError.self) { try server.client(timeout: .seconds(1)).readSome() }
        let after = try #require(server.ask(look))
        // Four looks at what waits, one connection that comes and goes, and the question itself.
        #expect(after.turns - before.turns < 40)
        #expect(after.cpu - before.cpu < 50_000)
    }
}
