import GatewayTesting
import Glibc
import Testing

/// Stopping: what comes before it, and what a second and a third signal do.
@Suite
struct StopSignalTests {
    private func held(_ stack: ScriptedStack) throws -> RawHTTPClient {
        let client = try stack.gateway.client()
        try client.sendRequest("GET", stack.target(for: .silence))
        #expect(stack.upstream.waitForRequests(1).count == 1)
        return client
    }

    @Test(arguments: [(SIGTERM, 1), (SIGINT, 2)])
    func aSecondSignalEndsAtOnce(signal: Int32, workers: Int) async throws {
        let stack = try ScriptedStack(workers: workers, ["--admin-listen", "127.0.0.1:0"])
        let client = try held(stack)
        let admin = try stack.gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
        stack.gateway.process.signal(signal)
        try await eventually("stopping") {
            try RawHTTPClient(address: admin).get("/readyz").status == 503
        }
        stack.gateway.process.signal(SIGTERM)
        let answer = try Answer(client.readResponse())
        #expect(answer.status == 503)
        #expect(answer.error["status"] == "UNAVAILABLE")
        #expect(answer.headers["connection"] == "close")
        #expect(try stack.gateway.process.waitForExit() == .code(1))
        #expect(
            stack.gateway.log == [
                "error: asked to stop twice, so requests in flight were not waited for"
            ]
        )
        stack.upstream.stop()
    }

    @Test
    func aSubmitThatMayHaveRunIsToldSo() async throws {
        let stack = try ScriptedStack()
        stack.upstream.on(MLTraining.submit, Script.silence)
        let client = try stack.gateway.client()
        try client.sendRequest(
            "POST",
            "/v1/jobs",
            headers: ["Content-Type": "application/json"],
            body: Array(Requests.submit().utf8)
        )
        #expect(stack.upstream.waitForRequests(1).count == 1)
        stack.gateway.process.signal(SIGTERM)
        try await eventually("new connections are refused") { (try? stack.gateway.client()) == nil }
        stack.gateway.process.signal(SIGTERM)
        let answer = try Answer(client.readResponse())
        #expect(answer.status == 503)
        #expect(answer.detail("ErrorInfo")["reason"] == "OUTCOME_UNKNOWN")
        #expect(try stack.gateway.process.waitForExit() == .code(1))
        stack.upstream.stop()
    }

    @Test
    func aThirdSignalKills() async throws {
        let stack = try ScriptedStack()
        // A client that does not read keeps the end waiting.
        let client = try stack.gateway.client()
        try client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.readResponse(includingInterim: true).status == 100)
        stack.gateway.process.signal(SIGTERM)
        try await eventually("new connections are refused") { (try? stack.gateway.client()) == nil }
        stack.gateway.process.signal(SIGINT)
        // Signals that come together count as one.
        while stack.gateway.process.isRunning { stack.gateway.process.signal(SIGTERM) }
        let exit = try stack.gateway.process.waitForExit()
        #expect(exit == .signal(SIGTERM) || exit == .code(1), "\(exit)")
        stack.upstream.stop()
    }

    @Test
    func duringTheDelayEverythingGoesOnButReadiness() async throws {
        let stack = try ScriptedStack(["--admin-listen", "127.0.0.1:0", "--shutdown-delay", "1.5"])
        let admin = try stack.gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
        let ready = { try RawHTTPClient(address: admin).get("/readyz").status }
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        try await eventually("ready") { try ready() == 200 }
        let start = MonotonicTime.now
        stack.gateway.process.signal(SIGTERM)
        try await eventually("not ready") { try ready() == 503 }
        if MonotonicTime.now < start.advanced(by: .seconds(1)) {
            let answer = try stack.gateway.client().get("/v1/jobs/1")
            #expect(answer.status == 200)
            #expect(answer["connection"] == nil)
        }
        #expect(try stack.gateway.process.waitForExit() == .code(0))
        #expect(MonotonicTime.now >= start.advanced(by: .milliseconds(1500)))
        stack.upstream.stop()
    }

    @Test
    func theDelayCanBeCutShort() throws {
        let stack = try ScriptedStack(["--shutdown-delay", "600"])
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        stack.gateway.process.signal(SIGTERM)
        stack.gateway.process.signal(SIGINT)
        #expect(try stack.gateway.process.waitForExit() == .code(1))
        stack.upstream.stop()
    }
}
