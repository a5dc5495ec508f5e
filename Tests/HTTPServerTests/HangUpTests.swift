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
}
