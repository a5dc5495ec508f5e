import GatewayTesting
import HTTPServer
import Testing

/// What one client may take of the server's time and room.
@Suite
struct LimitsTests {
    private func start(_ configure: @Sendable (inout HTTPServer.Configuration) -> Void) throws -> RunningServer {
        try RunningServer(configure) { exchange, writer, thread in
            let name = exchange.fault.map { "\($0)" } ?? "none"
            thread.note(name)
            writer.send(status: exchange.fault?.status ?? 200, text: name)
        }
    }

    /// Sends `bytes` one by one until the server ends the connection, and returns what it has said by then.
    private func drip(_ bytes: String, to client: RawHTTPClient) -> String {
        for byte in bytes.utf8 {
            guard (try? client.send([byte])) != nil else { break }
            if client.isClosedByServer(within: .milliseconds(20)) { return "" }
        }
        return String(decoding: (try? client.readToEnd()) ?? [], as: UTF8.self)
    }

    @Test
    func aRequestLineThatDripsIsCutOff() throws {
        let server = try start { $0.headerTimeout = 300 }
        #expect(drip("GET /" + String(repeating: "a", count: 1000), to: try server.client()) == "")
        #expect(server.notes.isEmpty)
    }

    @Test
    func aHeaderThatDripsIsAnswered() throws {
        let server = try start { $0.headerTimeout = 300 }
        let client = try server.client()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n")
        // Never silent for long, and never at its end.
        for _ in 0..<1000 {
            guard (try? client.send("X: y\r\n")) != nil, server.notes.isEmpty else { break }
            _ = client.isClosedByServer(within: .milliseconds(10))
        }
        let response = try client.readResponse()
        #expect(response.status == 408)
        #expect(response.text == "lateHeader")
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
    }

    @Test(arguments: ["Content-Length: 1000", "Transfer-Encoding: chunked"])
    func aBodyThatDripsIsAnswered(framing: String) throws {
        let server = try start {
            $0.bodyTimeout = 300
            $0.minimumBodyRate = 100_000
        }
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
        for _ in 0..<1000 {
            guard (try? client.send("1\r\nx\r\n")) != nil, server.notes.isEmpty else { break }
            _ = client.isClosedByServer(within: .milliseconds(10))
        }
        let response = try client.readResponse()
        #expect(response.status == 408)
        #expect(response.text == "lateBody")
        #expect(client.isClosedByServer())
    }

    /// A body that keeps its pace may take as long as it likes.
    @Test
    func aBodyThatIsSlowButSteadyIsTaken() throws {
        let server = try start {
            $0.bodyTimeout = 100
            $0.minimumBodyRate = 1000
        }
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n")
        for _ in 0..<10 {
            try client.send([UInt8](repeating: 0x61, count: 400))
            #expect(!closes(client, within: .milliseconds(40)))
        }
        #expect(try client.readResponse().text == "none")
    }

    private func closes(_ client: RawHTTPClient, within limit: Duration) -> Bool {
        client.isClosedByServer(within: limit)
    }

    @Test
    func anIdleConnectionIsClosed() throws {
        let server = try start { $0.idleTimeout = 300 }
        let client = try server.client()
        for _ in 0..<3 { #expect(try client.get("/").text == "none") }
        #expect(client.isClosedByServer(within: .seconds(2)))
        // Dripping does not make it less idle.
        let other = try server.client()
        #expect(try other.get("/").text == "none")
        #expect(drip("GET /" + String(repeating: "a", count: 1000), to: other) == "")
    }

    /// The answer's own time counts for nothing.
    @Test
    func aRequestThatIsAnsweredLateIsNotIdle() throws {
        let server = try RunningServer {
            $0.idleTimeout = 200
            $0.headerTimeout = 200
            $0.bodyTimeout = 200
        } handler: { exchange, writer, thread in
            thread.hold(exchange, writer)
        }
        let client = try server.client()
        try client.sendRequest("GET", "/held")
        #expect(!closes(client, within: .milliseconds(600)))
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().text == "GET /held ")
    }

    @Test
    func fiveHundredSlowHeadersKeepNobodyOut() async throws {
        let server = try start { $0.headerTimeout = 1000 }
        let slow = try (0..<500).map { _ in try server.client() }
        for (number, client) in slow.enumerated() {
            try client.send(number % 2 == 0 ? "GET / HTTP/1.1\r\nHost: x\r\nX: " : "GET /")
        }
        for _ in 0..<200 {
            let client = try server.client()
            #expect(try client.get("/").text == "none")
            #expect(try client.get("/").text == "none")
        }
        for (number, client) in slow.enumerated() {
            if number % 2 == 0 { #expect(try client.readResponse().status == 408) }
            #expect(client.isClosedByServer())
        }
        try await eventually("all connections are gone") { server.ask { $0.connectionCount } ?? .max <= 1 }
        #expect(server.notes.count { $0 == "lateHeader" } == 250)
    }

    /// libmicrohttpd gets request and FIN from one edge of epoll, and never hears of the FIN.
    @Test
    func aConnectionEndedWithItsRequestDoesNotLinger() async throws {
        let server = try start { $0.headerTimeout = 1000 }
        for target in ["/", "/a"] {
            let client = try server.client()
            try client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            client.shutdownSending()
            #expect(try client.readResponse().text == "none")
            #expect(client.isClosedByServer(within: .seconds(2)))
        }
        try await eventually("all connections are gone") { server.ask { $0.connectionCount } == 0 }
    }

    /// The same with half a request, which would hold up the server's end until its time is over.
    @Test(arguments: ["", "Content-Length: 9\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nha"])
    func halfARequestDoesNotLingerEither(rest: String) async throws {
        let server = try start { _ in }
        let clients = try (0..<20).map { _ in try server.client() }
        for client in clients {
            try client.send("POST / HTTP/1.1\r\nHost: x\r\n" + rest)
            client.close()
        }
        try await eventually("all connections are gone", within: .seconds(4)) {
            server.ask { $0.connectionCount } == 0 && server.ask { $0.exchangesInProgress } == 0
        }
        #expect(server.notes.isEmpty)
    }

    /// A line before a chunk that fills libmicrohttpd's memory, and more of it, or nothing more.
    @Test(arguments: [1_000_000, 20_000])
    func aChunkLineWithoutEndIsRefused(length: Int) throws {
        let server = try start { $0.bodyTimeout = 1000 }
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        // The server may close before all is sent.
        try? client.send([UInt8](repeating: 0x61, count: length))
        let response = try client.readResponse()
        #expect(response.status == 400)
        #expect(response.text == "chunkLine")
        #expect(client.isClosedByServer())
    }

    /// The library would spin while its memory is just full; it may not have all of the processor.
    @Test
    func fullMemoryDoesNotSpin() throws {
        let server = try start {
            $0.bodyTimeout = 600
            $0.connectionMemory = 8192
        }
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        var isRefused = false
        // Somewhere on the way the memory is full to the byte.
        for _ in 0..<9000 where !isRefused {
            isRefused = (try? client.send([0x61])) == nil || !server.notes.isEmpty
        }
        let before = server.ask { $0.turns } ?? 0
        let response = try client.readResponse()
        #expect(["chunkLine", "lateBody"].contains(response.text))
        let turns = (server.ask { $0.turns } ?? .max) - before
        #expect(turns < 5000)
    }

    /// libmicrohttpd does not hear of the end of a connection that it has resumed and has no memory to read on for.
    @Test
    func fullMemoryBehindAnAnswerThatTookWaitingIsGivenBack() async throws {
        let server = try RunningServer { exchange, writer, thread in
            if exchange.target.elementsEqual("/held".utf8) {
                thread.hold(exchange, writer)
            } else {
                writer.send(status: exchange.fault?.status ?? 200, text: exchange.fault.map { "\($0)" } ?? "none")
            }
        }
        let client = try server.client()
        let line =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "a", count: 20_000)
        try client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n" + line)
        #expect(server.waitUntilHeld(1))
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().status == 200)
        let refusal = try client.readResponse()
        #expect(refusal.status == 400)
        #expect(refusal.text == "chunkLine")
        #expect(client.isClosedByServer())
        client.close()
        try await eventually("the connection is gone", within: .seconds(10)) {
            server.ask { $0.exchangesInProgress + $0.connectionCount } == 0
        }
    }

    /// Others send bodies while one connection has the library spin.
    @Test
    func aStuckBodyDoesNotCostOthersTheirs() throws {
        let server = try start { $0.bodyTimeout = 60_000 }
        let stuck = try server.client()
        let line = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;"
        var others = try (0..<8).map { _ in try server.client() }
        for other in others { try other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n") }
        try stuck.send(line + String(repeating: "a", count: 20_000))
        for _ in 0..<100 {
            for other in others { try other.send([UInt8](repeating: 0x61, count: 4000)) }
        }
        for other in others { #expect(try other.readResponse().text == "none") }
        others = []
        #expect(try stuck.readResponse().text == "chunkLine")
    }

    /// Neither does the library spin because others keep it awake.
    @Test
    func fullMemoryDoesNotSpinAmongOthers() throws {
        let server = try start { $0.connectionMemory = 8192 }
        let full = try server.client()
        try full.send(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "a", count: 9000)
        )
        let other = try server.client()
        var requests = 0
        while !full.hasInput(within: .zero), requests < 20_000 {
            #expect(try other.get("/").text == "none")
            requests += 1
        }
        let refusal = try full.readResponse()
        #expect(refusal.text == "chunkLine")
        #expect(full.isClosedByServer())
    }

    /// The same where nothing is left to be read, and the client goes: of some of these the memory is full to the byte.
    @Test(arguments: [true, false])
    func fullMemoryOfAClientThatGoesIsGivenBack(byReset: Bool) async throws {
        let server = try RunningServer {
            $0.connectionMemory = 8192
        } handler: { exchange, writer, thread in
            exchange.method.elementsEqual("GET".utf8)
                ? thread.hold(exchange, writer) : writer.send(status: exchange.fault?.status ?? 200, text: "")
        }
        let post = "GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;"
        let clients = try (7900..<8150).map { length in
            let client = try server.client()
            try client.send(post + String(repeating: "a", count: length))
            return client
        }
        #expect(server.waitUntilHeld(clients.count))
        server.order { $0.releaseAll() }
        for client in clients { #expect(try client.readResponse().status == 200) }
        for client in clients { byReset ? client.abort() : client.close() }
        try await eventually("all connections are gone", within: .seconds(15)) {
            server.ask { $0.exchangesInProgress + $0.connectionCount } == 0
        }
    }
}
