import EventLoop
import GatewayTesting
import HTTPServer
import Testing

/// What becomes of connections that a ledger has no place for.
@Suite
struct ConnectionLimitTests {
    private func start(_ ledger: ConnectionLedger) throws -> RunningServer {
        try RunningServer(connections: ledger) { exchange, writer, _ in writer.send(text: "served") }
    }

    @Test(arguments: [false, true])
    func oneTooManyIsAnswered(hasSent: Bool) async throws {
        let ledger = ConnectionLedger(.init(total: 2))
        let server = try start(ledger)
        _ = server.ask { $0.answerRefusedConnections(status: 503) }
        var clients = try (0..<2).map { _ in try server.client() }
        for client in clients { #expect(try client.get("/").text == "served") }

        let refused = try server.client()
        if hasSent { try? refused.sendRequest("GET", "/") }
        let answer = try refused.readResponse()
        #expect(answer.status == 503)
        #expect(answer.text == "connection(HTTPServer.ConnectionLedger.Limit.total)")
        #expect(answer.announcesClose)
        #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
        #expect(answer.headers["content-type"] == "text/plain")
        #expect(refused.isClosedByServer())
        #expect(ledger.count == 2)

        for client in clients { #expect(try client.get("/").text == "served") }
        clients.removeLast().close()
        try await eventually("there is room again") { (try? server.client().get("/").text) == "served" }
    }

    /// Where nothing may be written in plain.
    @Test
    func withoutWordsTheConnectionJustEnds() throws {
        let server = try start(ConnectionLedger(.init(total: 1)))
        let client = try server.client()
        #expect(try client.get("/").text == "served")
        for _ in 0..<20 { #expect(try server.client().isClosedByServer()) }
        #expect(try client.get("/").text == "served")
    }

    /// More than may linger, some of which send and some of which do not.
    @Test
    func manyRefusedConnectionsLeaveNothingBehind() async throws {
        let ledger = ConnectionLedger(.init(total: 1))
        let server = try start(ledger)
        _ = server.ask { $0.answerRefusedConnections(status: 503) }
        let client = try server.client()
        #expect(try client.get("/").text == "served")
        for number in 0..<600 {
            let refused = try server.client()
            if number % 2 == 0 { try? refused.sendRequest("GET", "/") }
            if number % 3 == 0 { _ = try? refused.readResponse() }
        }
        try await eventually("the refused ones are gone", within: .seconds(20)) {
            server.ask { $0.connectionCount } == 1
        }
        #expect(ledger.count == 1)
        #expect(try client.get("/").text == "served")
    }

    @Test
    func clientsHaveALimitOfTheirOwn() async throws {
        let ledger = ConnectionLedger(.init(total: 10, perClient: 2))
        let server = try start(ledger)
        _ = server.ask { $0.answerRefusedConnections(status: 429) }
        var clients = try (0..<2).map { _ in try server.client() }
        for client in clients { #expect(try client.get("/").text == "served") }
        let answer = try server.client().readResponse()
        #expect(answer.status == 429)
        #expect(answer.text == "connection(HTTPServer.ConnectionLedger.Limit.perClient)")
        clients.removeLast().close()
        try await eventually("there is room again") { (try? server.client().get("/").text) == "served" }

        // Exempt from now on.
        ledger.set(.init(total: 10, perClient: 2, exempt: [try #require(IPNetwork(parsing: "127.0.0.0/8"))]))
        for _ in 0..<4 { clients.append(try server.client()) }
        for client in clients { #expect(try client.get("/").text == "served") }
    }

    @Test
    func serversShareTheLimit() throws {
        let ledger = ConnectionLedger(.init(total: 3))
        let servers = try (0..<2).map { _ in try start(ledger) }
        for server in servers { _ = server.ask { $0.answerRefusedConnections(status: 503) } }
        let clients = try [servers[0], servers[0], servers[1]].map { try $0.client() }
        for client in clients { #expect(try client.get("/").text == "served") }
        for server in servers { #expect(try server.client().readResponse().status == 503) }
        #expect(ledger.count == 3)
    }

    /// A request is load from when it is there until its answer has been sent.
    @Test
    func theLoadIsCounted() async throws {
        let server = try RunningServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let clients = try (0..<3).map { _ in try server.client() }
        for client in clients { try client.sendRequest("GET", "/") }
        let half = try server.client()
        try half.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        #expect(server.waitUntilHeld(3))
        #expect(server.ask { $0.load.count } == 3)
        // One whose client is gone still is, until somebody sees to its answer.
        clients[0].abort()
        server.order { $0.releaseAll() }
        for client in clients.dropFirst() { _ = try client.readResponse() }
        try await eventually("all are answered") { server.ask { $0.load.count } == 0 }
    }
}
