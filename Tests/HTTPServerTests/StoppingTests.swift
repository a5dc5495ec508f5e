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
}
