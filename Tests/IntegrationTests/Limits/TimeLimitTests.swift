import GatewayTesting
import Testing

/// Clients that take their time, many of them at once, and others that do not have to wait for them.
@Suite
struct TimeLimitTests {
    private static let slowOnes = 500

    private func expect(_ response: RawHTTPResponse) throws {
        let answer = try Answer(response)
        #expect(answer.status == 408)
        #expect(answer.error["status"] == "DEADLINE_EXCEEDED")
        #expect(answer.detail("ErrorInfo")["reason"] == "REQUEST_TOO_SLOW")
        #expect(response.announcesClose)
    }

    /// Has each of `slow` send a byte now and then while another client gets all of its answers.
    private func drip(_ slow: [RawHTTPClient], _ piece: String, past stack: ScriptedStack, rounds: Int) throws {
        let busy = try stack.gateway.client(timeout: .seconds(30))
        for round in 0..<rounds {
            // Those that were cut off cannot send any more.
            for client in slow { try? client.send(piece) }
            for number in 0..<20 {
                #expect(try busy.get("/v1/jobs/busy-\(round)-\(number)").status == 200)
                #expect(try stack.gateway.get("/v1/jobs/new-\(round)-\(number)").status == 200)
            }
        }
    }

    @Test
    func slowHeadersKeepNobodyOut() async throws {
        let stack = try ScriptedStack(["--header-timeout", "2"])
        let slow = try (0..<Self.slowOnes).map { _ in try stack.gateway.client(timeout: .seconds(30)) }
        for (number, client) in slow.enumerated() {
            // Some have sent their request line, some not even that.
            try client.send(number % 2 == 0 ? "GET /v1/jobs/slow HTTP/1.1\r\nHost: x\r\nX-Slow: " : "GET /v1/jobs/")
        }
        try drip(slow, "a", past: stack, rounds: 10)
        for (number, client) in slow.enumerated() {
            if number % 2 == 0 { try expect(client.readResponse()) }
            #expect(client.isClosedByServer(within: .seconds(30)))
        }
        #expect(try stack.gateway.get("/v1/jobs/after").status == 200)
        #expect(!stack.upstream.requests.contains { MLTraining.id(in: $0) == "slow" })
        try stack.stop()
    }

    @Test
    func slowBodiesKeepNobodyOut() async throws {
        let stack = try ScriptedStack(["--body-timeout", "2", "--min-body-rate", "100000"])
        let slow = try (0..<Self.slowOnes).map { _ in try stack.gateway.client(timeout: .seconds(30)) }
        for (number, client) in slow.enumerated() {
            let framing = number % 2 == 0 ? "Content-Length: 1000" : "Transfer-Encoding: chunked"
            try client.send("POST /v1/jobs/slow:cancel HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
        }
        try drip(slow, "1\r\n \r\n", past: stack, rounds: 10)
        for client in slow {
            try expect(client.readResponse())
            #expect(client.isClosedByServer(within: .seconds(30)))
        }
        #expect(try stack.gateway.get("/v1/jobs/after").status == 200)
        try stack.stop()
    }

    @Test
    func idleConnectionsAreClosed() throws {
        let stack = try ScriptedStack(["--idle-timeout", "0.5"])
        let client = try stack.gateway.client()
        #expect(try client.get("/v1/jobs/a").status == 200)
        #expect(client.isClosedByServer(within: .seconds(30)))
        // And not while its answer is on its way.
        let gate = Gate()
        let target = stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "held")))
        let other = try stack.gateway.client()
        try other.sendRequest("GET", target)
        #expect(!other.hasInput(within: .seconds(2)))
        gate.open()
        #expect(try other.readResponse().status == 200)
        try stack.stop()
    }
}
