import GatewayTesting
import HTTPServer
import Testing

/// That each request is told of once, at its end, while it can still be looked at.
@Suite
struct RequestEndTests {
    private func run(_ handler: @escaping RunningServer.Handler, _ body: (RunningServer) throws -> Void) throws
        -> [String]
    {
        let server = try RunningServer({ $0.maximumBodySize = 100 }, handler: handler)
        _ = server.ask { thread in
            thread.noteEnds()
            return true
        }
        try body(server)
        return server.notes
    }

    private static let echo: RunningServer.Handler = { exchange, writer, _ in
        if exchange.fault != nil || exchange.bodyIsTooLarge {
            writer.send(status: 400, text: "no")
        } else {
            writer.send(text: exchange.summary)
        }
    }

    @Test
    func requestsOfOneConnectionAreToldInTheirOrder() throws {
        let notes = try run(RequestEndTests.echo) { server in
            let client = try server.client()
            try client.sendRequest("GET", "/a?b", headers: ["X-Mark": "one"])
            try client.sendRequest("POST", "/c", body: Array("xyz".utf8))
            try client.sendRequest("HEAD", "/d")
            for method in ["GET", "POST", "HEAD"] { #expect(try client.readResponse(to: method).status == 200) }
            #expect(server.waitUntil(within: .seconds(10)) { $0.count == 3 })
        }
        #expect(notes == ["end: GET /a?b 200 0 9 one", "end: POST /c 200 3 11 -", "end: HEAD /d 200 0 0 -"])
    }

    @Test
    func refusedRequestsAreToldToo() throws {
        let notes = try run(RequestEndTests.echo) { server in
            let client = try server.client()
            try client.send("GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Mark: two\r\n\r\n")
            #expect(try client.readResponse().status == 400)
            #expect(server.waitUntil(within: .seconds(10)) { $0.count == 1 })
            let other = try server.client()
            #expect(try other.request("POST", "/b", body: [UInt8](repeating: 0, count: 101)).status == 400)
            #expect(server.waitUntil(within: .seconds(10)) { $0.count == 2 })
        }
        #expect(notes.first == "end: GET /a 400 0 2 two")
        #expect(notes.last?.hasPrefix("end: POST /b 400 0 2 -") == true, "\(notes)")
    }

    @Test
    func aClientThatGoesIsToldOf() throws {
        let notes = try run(RequestEndTests.echo) { server in
            let client = try server.client()
            try client.send("POST /a HTTP/1.1\r\nHost: a\r\nX-Mark: three\r\nContent-Length: 5\r\n\r\n123")
            client.shutdownSending()
            #expect(client.isClosedByServer())
            #expect(server.waitUntil(within: .seconds(10)) { $0.count == 1 })
        }
        #expect(notes == ["end: POST /a 0 3 0 three cut off"])
    }

    @Test(arguments: [true, false])
    func aStreamIsToldOfAtItsEnd(isFinished: Bool) throws {
        let notes = try run({ _, writer, thread in thread.open(writer).write(text: "some") }) { server in
            let client = try server.client()
            try client.sendRequest("GET", "/s")
            _ = try client.readHead()
            #expect(try client.readChunk() == Array("some".utf8))
            #expect(server.notes.isEmpty)
            server.order { thread in
                if isFinished { thread.streams[0].finish() } else { thread.streams[0].abort() }
            }
            #expect(server.waitUntil(within: .seconds(10)) { $0.count == 1 })
        }
        #expect(notes == ["end: GET /s 200 0 4 -" + (isFinished ? "" : " cut off")])
    }
}
