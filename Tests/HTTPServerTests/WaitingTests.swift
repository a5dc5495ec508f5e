import GatewayTesting
import HTTPServer
import Testing

/// Requests whose answer takes its time: at first libmicrohttpd is left to ask for it, later it forgets them until then.
@Suite
struct WaitingTests {
    private func start() throws -> RunningServer {
        try RunningServer { exchange, writer, thread in
            if exchange.summary == "GET /now " {
                writer.send(text: exchange.summary)
            } else {
                thread.hold(exchange, writer)
            }
        }
    }

    @Test
    func theLoopRestsWhileAnswersAreWaitedFor() async throws {
        let server = try start()
        let clients = try (0..<5).map { _ in try server.client() }
        for client in clients { try client.sendRequest("GET", "/") }
        #expect(server.waitUntilHeld(5))
        let before = try #require(server.ask { $0.turns })
        try await Task.sleep(for: .milliseconds(400))
        // Some for the looks at who waits, for suspending them, and for asking; going around without a rest makes thousands.
        #expect(try #require(server.ask { $0.turns }) - before < 50)
        server.order { $0.releaseAll() }
        for client in clients { #expect(try client.readResponse().text == "GET / ") }
    }

    /// Others that are answered at once have libmicrohttpd run, and ask for the answer of the one that waits.
    @Test(arguments: 0..<12)
    func anAnswerComesAfterSoManyRuns(runs: Int) async throws {
        let server = try start()
        let waiting = try server.client()
        let other = try server.client()
        for _ in 0..<3 {
            try waiting.sendRequest("GET", "/waiting")
            #expect(server.waitUntilHeld(1))
            for _ in 0..<runs { #expect(try other.get("/now").text == "GET /now ") }
            server.order { $0.releaseAll() }
            #expect(try waiting.readResponse().text == "GET /waiting ")
        }
        try await eventually("all requests are over") { server.ask { $0.exchangesInProgress } == 0 }
    }

    /// libmicrohttpd reads it on without calling anyone, and must be let.
    @Test
    func aHeaderThatFillsTheMemoryIsReadWhileOthersWait() throws {
        let server = try start()
        let waiting = try server.client()
        try waiting.sendRequest("GET", "/waiting")
        #expect(server.waitUntilHeld(1))
        let client = try server.client()
        try client.send("GET /large HTTP/1.1\r\nHost: a\r\nX-Name: ")
        try client.send(String(repeating: "x", count: 12_000) + "\r\n\r\n")
        #expect(server.waitUntilHeld(2))
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().status == 200)
        #expect(try waiting.readResponse().text == "GET /waiting ")
    }

    /// What comes behind a request that waits is the next one.
    @Test
    func theNextRequestWaitsForTheAnswer() throws {
        let server = try start()
        let client = try server.client()
        try client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waitUntilHeld(1))
        try client.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().text == "GET /1 ")
        #expect(server.waitUntilHeld(1))
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().text == "GET /2 ")
    }
}
