import Bytes
import GatewayTesting
import HTTPServer
import Testing

/// Requests and answers over TLS: as in clear, those that are written past libmicrohttpd among them.
@Suite
struct SecureExchangeTests {
    @Test
    func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try SecureServer()
        let client = try server.client()
        try client.send((0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        for number in 0..<50 { #expect(try client.readResponse().text == "GET /\(number) ") }
    }

    @Test
    func largeBodiesGoBothWays() throws {
        let server = try SecureServer { exchange, writer, _ in
            var body = ByteBuffer()
            body.append(contentsOf: exchange.body)
            writer.send(status: 200, body: body) { _ in }
        }
        let client = try server.client()
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        for _ in 0..<2 {
            let response = try client.request("POST", "/", body: body)
            #expect(response.status == 200)
            #expect(response.body == body)
        }
    }

    @Test
    func aHeldAnswerComesAndTheConnectionGoesOn() throws {
        let server = try SecureServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let client = try server.client()
        for number in 0..<3 {
            try client.sendRequest("GET", "/\(number)")
            #expect(server.server.waitUntilHeld(1))
            server.server.order { $0.releaseAll() }
            #expect(try client.readResponse().text == "GET /\(number) ")
        }
    }

    @Test
    func aClientThatGoesAwayIsNoticed() async throws {
        let server = try SecureServer { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            thread.hold(exchange, writer)
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        #expect(server.server.waitUntilHeld(1))
        client.close()
        #expect(server.server.waitForNote("hung up"))
        server.server.order { $0.releaseAll() }
        try await eventually("connections are as expected") { server.server.ask { $0.connectionCount } == 0 }
    }

    @Test
    func streamsArriveAsTheyAreWritten() throws {
        let server = try SecureServer { _, writer, thread in thread.open(writer).write(text: "one") }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        #expect(try client.readChunk() == Array("one".utf8))
        server.server.order { $0.streams[0].write(text: "two") }
        #expect(try client.readChunk() == Array("two".utf8))
        server.server.order { $0.streams[0].finish() }
        #expect(try client.readChunk() == nil)
    }

    @Test
    func aLongStreamIsPoured() throws {
        let server = try SecureServer { _, writer, thread in
            thread.open(writer).pour([UInt8](repeating: 0x61, count: 10_000), total: 5_000_000)
        }
        #expect(try server.client().get("/").body.count == 5_000_000)
    }

    /// Every malformed request that is refused in clear is refused over TLS, and TLS ends in order.
    @Test(arguments: MalformedRequestTests.table)
    func refusalsAreWellFormed(_ row: (String, RequestFault)) throws {
        let server = try SecureServer { exchange, writer, thread in
            writer.send(status: exchange.fault?.status ?? 200, text: exchange.fault.map { "\($0)" } ?? "none")
        }
        let client = try server.client()
        try client.send(row.0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        let response = try client.readResponse()
        #expect(response.status == Int(row.1.status))
        #expect(response.text == "\(row.1)")
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
        #expect(client.isTLSEndedInOrder)
    }

    @Test
    func aHeaderThatIsTooLargeIsAnswered() throws {
        let server = try SecureServer { exchange, writer, _ in
            writer.send(status: exchange.headerIsTooLarge ? 431 : 200, text: "x")
        }
        let client = try server.client()
        let fields = (0..<400).map { "X-\($0): some value or other\r\n" }.joined()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
        #expect(try client.readResponse().status == 431)
        #expect(client.isClosedByServer())
        #expect(client.isTLSEndedInOrder)
    }

    @Test
    func lateRequestsAreAnswered() throws {
        let server = try SecureServer {
            $0.headerTimeout = 300
            $0.bodyTimeout = 300
        } handler: { exchange, writer, _ in
            writer.send(status: exchange.fault?.status ?? 200, text: "x")
        }
        for start in ["GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello"]
        {
            let client = try server.client()
            try client.send(start)
            #expect(try client.readResponse().status == 408)
            #expect(client.isClosedByServer())
            #expect(client.isTLSEndedInOrder)
        }
    }

    @Test
    func anIdleConnectionEndsInOrder() throws {
        let server = try SecureServer { $0.idleTimeout = 300 }
        let client = try server.client()
        #expect(try client.get("/").status == 200)
        #expect(client.isClosedByServer())
        #expect(client.isTLSEndedInOrder)
    }

    @Test
    func aBodyThatIsTooLargeIsAnswered() throws {
        let server = try SecureServer {
            $0.maximumBodySize = 1000
        } handler: { exchange, writer, _ in
            writer.send(status: exchange.bodyIsTooLarge ? 413 : 200, text: "x")
        }
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        try? client.send([UInt8](repeating: 0, count: 100_000))
        #expect(try client.readResponse().status == 413)
        #expect(client.isClosedByServer())
    }

    @Test
    func closingEndsConnectionsInEveryState() throws {
        let server = try SecureServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let silent = try server.server.client()
        let halfway = try server.server.client()
        try halfway.send([22, 3, 1, 2, 0, 1, 0])
        let idle = try server.client()
        let busy = try server.client()
        try busy.sendRequest("GET", "/")
        #expect(server.server.waitUntilHeld(1))
        #expect(server.server.ask { $0.closeServer() } != nil)
        for client in [silent, halfway] { #expect((try? client.readToEnd())?.count ?? 0 < 10) }
        #expect(idle.isClosedByServer())
        #expect(idle.isTLSEndedInOrder)
        #expect(String(decoding: try busy.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 500"))
        #expect(server.server.ask { $0.connectionCount } == 0)
    }
}
