import GatewayTesting
import HTTPServer
import Testing

/// Clients that go away while their answer is being waited for.
@Suite
struct HangUpTests {
    private func start() throws -> RunningServer {
        try RunningServer { exchange, writer, thread in
            // The exchange is gone by the time it is forgotten, so the closure must not keep it.
            let target = exchange.headerText("x-name")
            exchange.onHangUp = {
                thread.note("\(target) hung up")
                thread.releaseAll()
            }
            thread.note(target)
            thread.hold(exchange, writer)
        }
    }

    @Test(arguments: [true, false])
    func aHangUpIsNoticedWithinASecond(isAbort: Bool) async throws {
        let server = try start()
        let client = try server.client()
        try client.sendRequest("GET", "/", headers: ["X-Name": "one"])
        #expect(server.waitUntilHeld(1))
        if isAbort { client.abort() } else { client.close() }
        #expect(server.waitForNote("one hung up", within: .seconds(1)))
        try await eventually("the connection is gone") { server.ask { $0.connectionCount } == 0 }

        let next = try server.client()
        try next.sendRequest("GET", "/next", headers: ["X-Name": "two"])
        #expect(server.waitForNote("two"))
        server.order { $0.releaseAll() }
        #expect(try next.readResponse().text == "GET /next ")
        #expect(server.notes == ["one", "one hung up", "two"])
    }

    @Test
    func aClientThatWaitsLongIsStillAnswered() async throws {
        let server = try start()
        let patient = try server.client()
        let other = try server.client()
        try patient.sendRequest("GET", "/patient", headers: ["X-Name": "patient"])
        #expect(server.waitForNote("patient"))
        try other.sendRequest("GET", "/other", headers: ["X-Name": "other"])
        #expect(server.waitUntilHeld(2))
        // Both have waited long enough to be watched once the first hang-up is seen.
        other.abort()
        #expect(server.waitForNote("other hung up", within: .seconds(1)))
        #expect(try patient.readResponse().text == "GET /patient ")
        // The socket is libmicrohttpd's again.
        try patient.sendRequest("GET", "/again", headers: ["X-Name": "again"])
        #expect(server.waitForNote("again"))
        server.order { $0.releaseAll() }
        #expect(try patient.readResponse().text == "GET /again ")
        #expect(!server.notes.contains("patient hung up"))
    }

    /// A stream with nothing to send, one with a message now and then, one that always has more than fits.
    @Test(arguments: ["idle", "ticking", "busy"], [true, false])
    func aHangUpDuringAStreamIsNoticedWithinASecond(kind: String, isAbort: Bool) async throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            let stream = thread.open(writer)
            stream.write(text: "begun")
            switch kind {
            case "ticking": thread.tick(everyMilliseconds: 20) { stream.write(text: "tick") }
            case "busy": stream.pour([UInt8](repeating: 0x61, count: 50_000), total: .max)
            default: break
            }
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        let first = try #require(try client.readChunk())
        #expect(first.starts(with: Array("begun".utf8)))
        if isAbort { client.abort() } else { client.close() }
        #expect(server.waitForNote("hung up", within: .seconds(1)))
        try await eventually("the connection is gone") { server.ask { $0.connectionCount } == 0 }
        #expect(server.ask { $0.exchangesInProgress } == 0)
        server.order { thread in
            thread.streams[0].write(text: "dropped")
            thread.note("\(thread.streams[0].pendingByteCount)")
            thread.streams[0].finish()
        }
        #expect(server.waitForNote("0"))
        #expect(server.notes == ["hung up", "0"])
        #expect(try server.client().request("HEAD", "/").status == 200)
    }

    /// The client has been watched in vain, and again after each message.
    @Test
    func aStreamIsWatchedEachTimeItWaits() throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            thread.open(writer)
            thread.note("begun")
        }
        let other = try server.client()
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        for round in 1...3 {
            // By the time that this one's hang-up is seen, the first has a watch as well.
            try other.sendRequest("GET", "/")
            _ = try other.readHead()
            let passing = try server.client()
            try passing.sendRequest("GET", "/")
            _ = try passing.readHead()
            passing.close()
            #expect(server.waitUntil(within: .seconds(2)) { notes in notes.count { $0 == "hung up" } == round })
            server.order { thread in
                thread.streams[0].write(text: "x")
                if round == 1 { thread.note("written") }
            }
            #expect(try client.readChunk() == [0x78])
            server.order { thread in
                if let stream = thread.streams.dropLast().last { stream.finish() }
            }
            #expect(try other.readChunk() == nil)
        }
        client.close()
        #expect(server.waitUntil(within: .seconds(1)) { notes in notes.count { $0 == "hung up" } == 4 })
    }

    @Test
    func aClientThatLeavesAfterTheEndHasNotHungUp() async throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = { thread.note("hung up") }
            let stream = thread.open(writer)
            // More than fits into the sockets, so that the end waits behind it.
            [UInt8](repeating: 0x61, count: 32 << 20).withUnsafeBytes { stream.write($0) }
            stream.finish()
            thread.note("finished")
        }
        let client = try server.client()
        try client.sendRequest("GET", "/")
        _ = try client.readHead()
        #expect(server.waitForNote("finished"))
        client.abort()
        try await eventually("the request is over") { server.ask { $0.exchangesInProgress } == 0 }
        #expect(server.notes == ["finished"])
    }
}
