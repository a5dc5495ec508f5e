import GatewayTesting
import Testing

/// More connections to the admin listener than it takes.
@Suite
struct AdminFloodTests {
    @Test
    func theAdminListenerComesBack() async throws {
        let watched = try WatchedStack()
        #expect(try watched.page("/healthz").status == 200)
        // 256 may be there at once; the others are closed.
        var clients: [RawHTTPClient] = []
        for _ in 0..<300 {
            let client = try RawHTTPClient(address: watched.admin)
            try? client.send(Array("GET /metrics HTTP/1.1\r\nHo".utf8))
            clients.append(client)
        }
        // Their time for a header is up soon.
        try await eventually("there is room again", within: .seconds(20)) {
            (try? watched.page("/healthz").status) == 200
        }
        for client in clients { client.close() }
        for _ in 0..<3 { #expect(try watched.page("/healthz").status == 200) }
        try watched.stop()
    }

    /// Not requests, so that all there is of them is the count of the reason.
    @Test
    func connectionsThatAreTurnedAwayAreCounted() async throws {
        let watched = try WatchedStack(["--max-connections", "2"])
        let clients = try (0..<2).map { _ in try watched.stack.gateway.client() }
        for client in clients { #expect(try client.get("/v1/jobs/a").status == 200) }
        #expect(try watched.stack.gateway.client().get("/v1/jobs/a").status == 503)
        let metrics = try watched.metrics()
        #expect(metrics[#"errors_total{reason="TOO_MANY_CONNECTIONS"}"#] == 1)
        #expect(metrics.sum("requests_total") == 2)
        try watched.stop()
    }
}
