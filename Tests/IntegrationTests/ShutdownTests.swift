import GatewayTesting
import Glibc
import Testing

/// SIGTERM and SIGINT: what has begun is finished, nothing new is taken.
@Suite
struct ShutdownTests {
    @Test(arguments: [(SIGTERM, 1), (SIGINT, 1), (SIGTERM, 2)])
    func aRequestInFlightIsStillAnswered(signal: Int32, workers: Int) async throws {
        let stack = try ScriptedStack(workers: workers)
        let gate = Gate()
        let target = stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "last")))
        let client = try stack.gateway.client()
        let idle = try stack.gateway.client()
        #expect(try idle.get("/v1/jobs/idle").status == 200)
        try client.sendRequest("GET", target)
        #expect(stack.upstream.waitForRequests(2).count == 2)

        stack.gateway.process.signal(signal)
        try await eventually("new connections are refused") { (try? stack.gateway.client()) == nil }
        #expect(stack.gateway.process.isRunning)
        gate.open()
        let answer = try Answer(client.readResponse())
        #expect(answer.status == 200)
        #expect(answer.json["id"] == "last")
        #expect(answer.headers["connection"]?.lowercased() == "close")
        #expect(try stack.gateway.process.waitForExit() == .code(0))
        #expect(idle.isClosedByServer())
        #expect(stack.gateway.process.lines(.error).isEmpty)
        stack.upstream.stop()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func withNothingInFlightItEndsAtOnce(signal: Int32) throws {
        let stack = try ScriptedStack()
        let idle = try stack.gateway.client()
        #expect(try idle.get("/v1/jobs/idle").status == 200)
        stack.gateway.process.signal(signal)
        #expect(try stack.gateway.process.waitForExit(timeout: .seconds(3)) == .code(0))
        stack.upstream.stop()
    }

    @Test
    func aSignalRightAfterTheStartIsAnOrderlyStop() throws {
        for _ in 0..<5 {
            let gateway = try GatewayProcess(upstream: "http://127.0.0.1:9")
            gateway.process.signal(SIGTERM)
            #expect(try gateway.process.waitForExit(timeout: .seconds(3)) == .code(0))
        }
    }

    @Test
    func whatDoesNotEndWithinTheGraceIsAnswered503() throws {
        let stack = try ScriptedStack(["--shutdown-grace", "0.3"])
        let target = stack.target(for: .silence)
        let client = try stack.gateway.client()
        try client.sendRequest("GET", target)
        #expect(stack.upstream.waitForRequests(1).count == 1)
        stack.gateway.process.signal(SIGTERM)
        let answer = try Answer(client.readResponse())
        #expect(answer.status == 503)
        #expect(answer.error["status"] == "UNAVAILABLE")
        #expect(try stack.gateway.process.waitForExit(timeout: .seconds(3)) == .code(0))
        stack.upstream.stop()
    }

    @Test
    func aBodyThatNeverComesDoesNotHoldUpTheEnd() throws {
        let stack = try ScriptedStack(["--shutdown-grace", "0.3"])
        let client = try stack.gateway.client()
        try client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
        // Once it is told to go on, the gateway has begun the request.
        #expect(try client.readResponse(includingInterim: true).status == 100)
        stack.gateway.process.signal(SIGTERM)
        #expect(try stack.gateway.process.waitForExit(timeout: .seconds(5)) == .code(0))
        stack.upstream.stop()
    }

    @Test
    func clientsThatKeepAskingDoNotHoldUpTheEnd() throws {
        let stack = try ScriptedStack(["--shutdown-grace", "0.3"])
        let client = try stack.gateway.client()
        #expect(try client.get("/v1/jobs/first").status == 200)
        stack.gateway.process.signal(SIGTERM)
        let limit = MonotonicTime.now.advanced(by: .seconds(5))
        var statuses: Set<Int> = []
        // Eight requests are always on their way.
        do {
            for _ in 0..<8 { try client.sendRequest("GET", "/v1/jobs/a") }
            while MonotonicTime.now < limit {
                statuses.insert(try client.readResponse().status)
                try client.sendRequest("GET", "/v1/jobs/a")
            }
            Issue.record("the gateway went on for five seconds")
        } catch {
            #expect(statuses.isSubset(of: [200, 503]))
        }
        let exit = try stack.gateway.process.waitForExit(timeout: .seconds(3))
        #expect(exit == .code(0), "\(stack.gateway.process.transcript)")
        stack.upstream.stop()
    }
}
