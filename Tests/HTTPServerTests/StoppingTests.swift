import GatewayTesting
import HTTPServer
import Testing

/// The two ways to an end.
@Suite
struct StoppingTests {
    @Test
    func requestsInFlightFinishWhileNewConnectionsAreRefused() throws {
        let server = try RunningServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let client = try server.client()
        try client.sendRequest("GET", "/last")
        #expect(server.waitUntilHeld(1))
        #expect(server.ask { $0.stopListening() } != nil)
        #expect(throws: SystemError.self) { _ = try server.client() }
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().text == "GET /last ")
    }

    @Test
    func closingEndsIdleConnections() throws {
        let server = try RunningServer { exchange, writer, _ in writer.send(text: exchange.summary) }
        let clients = try (0..<8).map { _ in try server.client() }
        for client in clients { #expect(try client.get("/").status == 200) }
        let fresh = try server.client()
        #expect(server.ask { $0.closeServer() } != nil)
        for client in clients + [fresh] { #expect(client.isClosedByServer()) }
        #expect(throws: SystemError.self) { _ = try server.client() }
    }

    @Test
    func closingAnswersWhatWasGivenUpFirst() throws {
        let server = try RunningServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        #expect(server.waitUntilHeld(1))
        #expect(server.ask { $0.closeServer() } != nil)
        let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 500"))
    }

    /// The request behind the one that is answered at the end must not be begun: libmicrohttpd panics if a suspended
    /// one is left when it is stopped.
    @Test
    func closingBeginsNoPipelinedRequest() throws {
        let server = try RunningServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let client = try server.client()
        for number in 0..<4 { try client.sendRequest("GET", "/\(number)") }
        #expect(server.waitUntilHeld(1))
        #expect(server.ask { $0.closeServer() } != nil)
        _ = try? client.readToEnd()
        #expect(server.ask { $0.connectionCount } == 0)
    }

    @Test
    func streamsGoOnWhileNewConnectionsAreRefused() throws {
        let server = try RunningServer { _, writer, thread in thread.open(writer).write(text: "one") }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        #expect(server.ask { $0.stopListening() } != nil)
        #expect(throws: SystemError.self) { _ = try server.client() }
        #expect(try client.readChunk() == Array("one".utf8))
        #expect(server.ask { $0.exchangesInProgress } == 1)
        server.order { thread in
            thread.streams[0].write(text: "two")
            thread.streams[0].finish()
        }
        #expect(try client.readChunk() == Array("two".utf8))
        #expect(try client.readChunk() == nil)
        #expect(server.ask { $0.exchangesInProgress } == 0)
    }

    /// Whether they wait for more, for the client or for the end, streams end and tell whoever writes to them.
    @Test
    func closingEndsStreams() throws {
        let server = try RunningServer { exchange, writer, thread in
            let target = exchange.summary
            exchange.onHangUp = { thread.note(target) }
            let stream = thread.open(writer)
            stream.write(text: "begun")
            if target.contains("busy") { stream.pour([UInt8](repeating: 0x61, count: 50_000), total: .max) }
        }
        let clients = try (0..<16).map { number in
            let client = try server.client()
            try client.sendRequest("GET", number % 2 == 0 ? "/idle" : "/busy")
            _ = try client.readHead()
            _ = try client.readChunk()
            return client
        }
        let last = server.ask { thread in
            // What is written right before is still sent.
            thread.streams[0].write(text: "last")
            thread.streams[2].write(text: "last")
            thread.streams[2].finish()
            thread.closeServer()
            thread.streams[4].write(text: "too late")
            thread.streams[4].finish()
            return thread.streams.map(\.pendingByteCount)
        }
        #expect(last == [Int](repeating: 0, count: 16))
        #expect(try clients[0].readChunk() == Array("last".utf8))
        #expect(try clients[2].readChunk() == Array("last".utf8))
        #expect(try clients[2].readChunk() == nil)
        for (number, client) in clients.enumerated() where number != 2 {
            #expect(throws: RawHTTPError.self) {
                while try client.readChunk() != nil {}
            }
        }
        #expect(server.notes.count { $0.contains("idle") } == 7)
        #expect(server.notes.count { $0.contains("busy") } == 8)
        #expect(server.ask { $0.exchangesInProgress } == 0)
        #expect(server.ask { $0.connectionCount } == 0)
    }

    /// A hook may stop the server in the middle of a run's hooks.
    @Test
    func closingFromWithinAHook() throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = { thread.closeServer() }
            thread.open(writer).write(text: "begun")
        }
        let clients = try (0..<4).map { _ in
            let client = try server.client()
            try client.sendRequest("GET", "/")
            _ = try client.readHead()
            _ = try client.readChunk()
            return client
        }
        clients[0].close()
        for client in clients[1...] { #expect(client.isClosedByServer()) }
        #expect(server.ask { $0.exchangesInProgress } == 0)
    }
}
