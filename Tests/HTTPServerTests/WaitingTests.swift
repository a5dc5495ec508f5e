import GatewayTesting
import HTTPServer
import Testing

/// Requests whose answer takes its time: at first libmicrohttpd is left to ask for it, later it forgets them until then.
@Suite
struct WaitingTests {
    private func start() throws -> RunningServer {
        try RunningServer { exchange, writer, thread in
            if exchange.summary.hasPrefix("GET /now ") || exchange.summary.hasPrefix("POST /now ") {
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

    /// libmicrohttpd clears up behind an answer in runs of their own, before it looks for the next request.
    @Test
    func theNextRequestIsNotLeftUntilSomethingElseHappens() async throws {
        let server = try start()
        // The oldest connection is asked twice in a run.
        let idle = try server.client()
        #expect(try idle.get("/now").status == 200)
        var fastest = Duration.seconds(10)
        for _ in 0..<6 {
            let suspended = try server.client()
            try suspended.sendRequest("GET", "/first")
            #expect(server.waitUntilHeld(1))
            try await Task.sleep(for: .milliseconds(600))
            let polled = try server.client()
            try polled.sendRequest("GET", "/second")
            #expect(server.waitUntilHeld(2))
            server.order { $0.releaseFirst() }
            #expect(try suspended.readResponse().text == "GET /first ")
            let start = ContinuousClock.now
            #expect(try suspended.get("/now").text == "GET /now ")
            fastest = min(fastest, ContinuousClock.now - start)
            server.order { $0.releaseAll() }
            #expect(try polled.readResponse().text == "GET /second ")
        }
        // Left, it waits for the next look at those who wait, up to 250 ms away; never as shortly as this six times in turn.
        #expect(fastest < .milliseconds(15))
    }

    /// The rest of the memory is small, and the body is read in as many runs as it takes.
    @Test
    func aBodyBehindALargeHeaderIsReadWhileOthersWait() throws {
        let server = try start()
        var fastest = Duration.seconds(10)
        for _ in 0..<6 {
            let waiting = try server.client()
            let client = try server.client()
            try client.send("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\nX-Name: ")
            try client.send(String(repeating: "x", count: 8_000) + "\r\n\r\n")
            try waiting.sendRequest("GET", "/waiting")
            #expect(server.waitUntilHeld(1))
            let start = ContinuousClock.now
            try client.send(String(repeating: "b", count: 50_000))
            #expect(try client.readResponse().status == 200)
            fastest = min(fastest, ContinuousClock.now - start)
            server.order { $0.releaseAll() }
            #expect(try waiting.readResponse().text == "GET /waiting ")
        }
        #expect(fastest < .milliseconds(50))
    }

    /// An answer that is made as the client goes has nowhere to go, and reads nothing of its request.
    @Test
    func anAnswerWhileTheConnectionIsClosedIsForTheRecord() async throws {
        let server = try RunningServer { exchange, writer, thread in
            exchange.onHangUp = {
                thread.note("hung up")
                thread.releaseAll()
            }
            thread.hold(exchange, writer)
        }
        server.order { $0.noteEnds() }
        for _ in 0..<20 {
            let client = try server.client()
            // As many fields as fit, so that there is no room for an answer's header.
            let fields = (0..<120).map { "a\($0): b\r\n" }.joined()
            try client.send("GET /gone HTTP/1.1\r\nHost: a\r\nX-Mark: m\r\n" + fields + "\r\n")
            #expect(server.waitUntilHeld(1))
            client.abort()
            try await eventually("the request is over") { server.ask { $0.exchangesInProgress } == 0 }
        }
        let ends = server.notes.filter { $0.hasPrefix("end: ") }
        #expect(ends.count == 20)
        #expect(ends.allSatisfy { $0.hasPrefix("end: GET /gone 200 ") && $0.contains(" m") }, "\(ends)")
        #expect(server.notes.count { $0 == "hung up" } == 20)
    }
}
