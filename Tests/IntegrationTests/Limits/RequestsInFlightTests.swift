import GatewayTesting
import Testing

/// Requests that wait for their answer, as many as may and one more.
@Suite
struct RequestsInFlightTests {
    @Test
    func oneTooManyIs503() async throws {
        let stack = try ScriptedStack(["--max-requests-in-flight", "3"])
        let gate = Gate()
        let target = stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "held")))
        let waiting = try (0..<3).map { _ in try stack.gateway.client() }
        for client in waiting { try client.sendRequest("GET", target) }
        #expect(stack.upstream.waitForRequests(3).count == 3)

        for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
            let response = try stack.gateway.client().request(method, "/v1/jobs/x")
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "1")
        }
        let answer = try stack.gateway.get("/v1/jobs/x")
        #expect(answer.status == 503)
        #expect(answer.error["status"] == "UNAVAILABLE")
        #expect(answer.detail("ErrorInfo")["reason"] == "TOO_MANY_REQUESTS_IN_FLIGHT")
        #expect(answer.headers["x-request-id"] != nil)
        // What breaks HTTP's rules is told that first.
        let broken = try stack.gateway.client()
        try broken.send("GET / HTTP/1.1\r\n\r\n")
        #expect(try broken.readResponse().status == 400)
        // Those that are still being sent take nobody's place, and are told when they are there.
        let late = try stack.gateway.client()
        try late.send("POST /v1/jobs/late:cancel HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        #expect(stack.upstream.requests.count == 3)
        late.close()

        gate.open()
        for client in waiting { #expect(try client.readResponse().status == 200) }
        try await eventually("there is room again") { try stack.gateway.get("/v1/jobs/x").status == 200 }
        try stack.stop()
    }

    /// Each of them keeps its place until its call ends, whatever becomes of its client.
    @Test
    func clientsThatGoMakeRoom() async throws {
        let stack = try ScriptedStack(["--max-requests-in-flight", "1"])
        let target = stack.target(for: .silence)
        let client = try stack.gateway.client()
        try client.sendRequest("GET", target)
        #expect(stack.upstream.waitForRequests(1).count == 1)
        #expect(try stack.gateway.get("/v1/jobs/x").status == 503)
        client.abort()
        try await eventually("there is room again") { try stack.gateway.get("/v1/jobs/x").status == 200 }
        try stack.stop()
    }

    @Test
    func zeroIsNoLimit() throws {
        let stack = try ScriptedStack(["--max-requests-in-flight", "0"])
        let gate = Gate()
        let target = stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "held")))
        let clients = try (0..<40).map { _ in try stack.gateway.client() }
        for client in clients { try client.sendRequest("GET", target) }
        #expect(stack.upstream.waitForRequests(40).count == 40)
        gate.open()
        for client in clients { #expect(try client.readResponse().status == 200) }
        try stack.stop()
    }
}
