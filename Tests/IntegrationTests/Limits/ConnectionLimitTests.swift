import GatewayTesting
import Testing

/// Connections over all workers.
@Suite
struct ConnectionLimitTests {
    private func expect(_ response: RawHTTPResponse, _ status: Int, _ code: JSON, _ reason: JSON) throws {
        let answer = try Answer(response)
        #expect(answer.status == status)
        #expect(answer.error["code"] == .number(Double(status)))
        #expect(answer.error["status"] == code)
        #expect(answer.detail("ErrorInfo")["reason"] == reason)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.headers["retry-after"] == "5")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["x-request-id"]?.utf8.count == 32)
        #expect(answer.headers["date"] != nil)
        #expect(response.announcesClose)
    }

    @Test(arguments: [1, 2])
    func inAll(workers: Int) async throws {
        let stack = try ScriptedStack(workers: workers, ["--max-connections", "12"])
        var clients = try (0..<12).map { _ in try stack.gateway.client() }
        for client in clients { #expect(try client.get("/v1/jobs/a").status == 200) }
        for hasSent in [true, false, true] {
            let client = try stack.gateway.client()
            if hasSent { try? client.sendRequest("GET", "/v1/jobs/a") }
            try expect(client.readResponse(), 503, "UNAVAILABLE", "TOO_MANY_CONNECTIONS")
            #expect(client.isClosedByServer())
        }
        for client in clients { #expect(try client.get("/v1/jobs/a").status == 200) }
        for client in clients[..<6] { client.close() }
        clients.removeFirst(6)
        for _ in 0..<6 {
            try await eventually("there is room again") {
                let client = try stack.gateway.client()
                guard try client.get("/v1/jobs/a").status == 200 else { return false }
                clients.append(client)
                return true
            }
        }
        try expect(stack.gateway.client().readResponse(), 503, "UNAVAILABLE", "TOO_MANY_CONNECTIONS")
        try stack.stop()
    }

    @Test(arguments: [1, 2])
    func ofOneClient(workers: Int) async throws {
        let stack = try ScriptedStack(workers: workers, ["--max-connections-per-client", "5"])
        let clients = try (0..<5).map { _ in try stack.gateway.client() }
        for client in clients { #expect(try client.get("/v1/jobs/a").status == 200) }
        for _ in 0..<5 {
            let client = try stack.gateway.client()
            try expect(
                client.readResponse(),
                429,
                "RESOURCE_EXHAUSTED",
                "TOO_MANY_CONNECTIONS_OF_CLIENT"
            )
        }
        for client in clients { #expect(try client.get("/v1/jobs/a").status == 200) }
        clients[0].close()
        try await eventually("there is room again") { try stack.gateway.client().get("/v1/jobs/a").status == 200 }
        try stack.stop()
    }

    @Test
    func trustedProxiesMayHaveMore() throws {
        let stack = try ScriptedStack(["--max-connections-per-client", "2", "--trusted-proxy", "127.0.0.0/8"])
        let clients = try (0..<10).map { _ in try stack.gateway.client() }
        for client in clients { #expect(try client.get("/v1/jobs/a").status == 200) }
        try stack.stop()
    }

    @Test
    func refusedConnectionsLeaveNothingBehind() async throws {
        let stack = try ScriptedStack(workers: 2, ["--max-connections", "1"])
        let client = try stack.gateway.client()
        #expect(try client.get("/v1/jobs/a").status == 200)
        let before = try #require(ProcessUsage(pid: stack.gateway.process.pid)).openDescriptors
        for number in 0..<1500 {
            let refused = try stack.gateway.client()
            if number % 2 == 0 { try? refused.sendRequest("GET", "/v1/jobs/a") }
            if number % 100 == 0 { #expect((try? refused.readResponse().status) ?? 503 == 503) }
        }
        try await eventually("what lingered is gone", within: .seconds(20)) {
            ProcessUsage(pid: stack.gateway.process.pid)?.openDescriptors ?? .max <= before
        }
        #expect(try client.get("/v1/jobs/a").status == 200)
        try stack.stop()
    }
}
