import GatewayTesting
import Testing

/// Requests a second of one client, over all workers.
@Suite
struct RateLimitTests {
    private func expectLimited(_ answer: Answer, within seconds: ClosedRange<Int>) throws {
        #expect(answer.status == 429)
        #expect(answer.error["status"] == "RESOURCE_EXHAUSTED")
        #expect(answer.detail("ErrorInfo")["reason"] == "RATE_LIMITED")
        #expect(answer.detail("ErrorInfo")["domain"] == "mltraining-gateway")
        let wait = try #require(answer.headers["retry-after"].flatMap { Int($0) })
        #expect(seconds.contains(wait))
        // The same, before it was rounded up.
        let delay = try #require(answer.detail("RetryInfo")["retryDelay"].text)
        let exact = try #require(Double(delay.dropLast()))
        #expect(delay.hasSuffix("s"))
        #expect(Int(exact.rounded(.up)) == wait)
    }

    @Test(arguments: [1, 2])
    func aBurstIsTaken(workers: Int) throws {
        // So slow that none is earned during the test.
        let stack = try ScriptedStack(workers: workers, ["--rate-limit", "0.01", "--rate-limit-burst", "20"])
        // Each on a connection of its own, of which the kernel gives some to either worker.
        let answers = try (0..<40).map { _ in try stack.gateway.get("/v1/jobs/a") }
        #expect(answers.map(\.status) == [Int](repeating: 200, count: 20) + [Int](repeating: 429, count: 20))
        for answer in answers[20...] { try expectLimited(answer, within: 1...100) }
        #expect(stack.upstream.requests.count == 20)
        // The connection stays.
        let client = try stack.gateway.client()
        for _ in 0..<3 { #expect(try client.get("/v1/jobs/a").status == 429) }
        try stack.stop()
    }

    @Test
    func requestsAreEarned() async throws {
        let stack = try ScriptedStack(["--rate-limit", "5", "--rate-limit-burst", "1"])
        #expect(try stack.gateway.get("/v1/jobs/a").status == 200)
        for _ in 0..<3 {
            try await eventually("another one is earned") { try stack.gateway.get("/v1/jobs/a").status == 200 }
        }
        try stack.stop()
    }

    @Test
    func whatCounts() throws {
        let stack = try ScriptedStack([
            "--rate-limit", "0.01", "--rate-limit-burst", "3", "--cors-origin", "https://app.example",
        ])
        let preflight: HeaderList = ["Origin": "https://app.example", "Access-Control-Request-Method": "GET"]
        for _ in 0..<10 {
            // A preflight, and what breaks HTTP's rules.
            let client = try stack.gateway.client()
            #expect(try client.request("OPTIONS", "/v1/jobs/a", headers: preflight).status == 204)
            try client.send("GET / HTTP/1.1\r\n\r\n")
            #expect(try client.readResponse().status == 400)
        }
        #expect(try stack.gateway.get("/nowhere").status == 404)
        #expect(try stack.gateway.client().request("OPTIONS", "/v1/jobs/a").status == 204)
        #expect(try stack.gateway.get("/v1/jobs/a").status == 200)
        for target in ["/nowhere", "/v1/jobs/a"] {
            let answer = try stack.gateway.get(target, headers: ["Origin": "https://app.example"])
            try expectLimited(answer, within: 1...100)
            // A page may know.
            #expect(answer.headers["access-control-allow-origin"] == "https://app.example")
        }
        try stack.stop()
    }

    @Test
    func clientsBehindATrustedProxyHaveTheirOwn() throws {
        let stack = try ScriptedStack([
            "--rate-limit", "0.01", "--rate-limit-burst", "2", "--trusted-proxy", "127.0.0.1",
        ])
        let status = { (address: String) in
            try stack.gateway.get("/v1/jobs/a", headers: ["X-Forwarded-For": address]).status
        }
        for address in ["192.0.2.1", "2001:db8:1::1", "192.0.2.2"] {
            #expect(try [status(address), status(address), status(address)] == [200, 200, 429])
        }
        // Another address of that network, and one that only the client itself speaks of.
        #expect(try status("2001:db8:1::ffff") == 429)
        #expect(try status("198.51.100.7, 192.0.2.1") == 429)
        #expect(try status("2001:db8:2::1") == 200)
        try stack.stop()
    }

    @Test
    func othersCannotChooseWhoTheyAre() throws {
        let stack = try ScriptedStack(["--rate-limit", "0.01", "--rate-limit-burst", "2"])
        let statuses = try (0..<4).map {
            try stack.gateway.get("/v1/jobs/a", headers: ["X-Forwarded-For": "192.0.2.\($0)"]).status
        }
        #expect(statuses == [200, 200, 429, 429])
        try stack.stop()
    }
}
