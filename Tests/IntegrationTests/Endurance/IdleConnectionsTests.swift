import GatewayTesting
import Glibc
import Testing

/// Clients that ask once and stay.
@Suite
struct IdleConnectionsTests {
    /// What one connection may cost, in all: 10,000 of them in 200 MiB beside the gateway's own.
    private static let limit = 200 << 20

    private func ask(_ clients: ArraySlice<RawHTTPClient>) throws {
        for client in clients { try client.sendRequest("GET", "/v1/jobs/a", headers: ["User-Agent": "idle"]) }
        for client in clients { try #require(try client.readResponse().status == 200) }
    }

    /// `IDLE_CONNECTIONS` says how many, otherwise 10,000, as far as this process may have descriptors.
    @Test
    func manyAreHeldInLittleMemory() async throws {
        let count = min(Environment["IDLE_CONNECTIONS"].flatMap { Int($0) } ?? 10_000, DescriptorLimit.raise() - 100)
        let stack = try CannedStack()
        // The connections to upstream stay.
        try ask([try stack.gateway.client(), try stack.gateway.client()])
        let start = try stack.usage()
        var clients: [RawHTTPClient] = []
        for first in stride(from: 0, to: count, by: 100) {
            let batch = try (first..<min(first + 100, count)).map { _ in try stack.gateway.client() }
            try ask(batch[...])
            clients += batch
        }
        let held = try stack.usage()
        #expect(held.openDescriptors >= count)
        try stack.gateway.expectMemory(now: IdleConnectionsTests.limit)
        // They are still what they were.
        clients.shuffle()
        try ask(clients.prefix(500))
        let again = try stack.usage()
        try stack.gateway.expectMemory(now: IdleConnectionsTests.limit)
        for client in clients { client.close() }
        try await eventually("all descriptors are free", within: .seconds(20)) {
            // Workers that have had no request before now have a connection to upstream.
            try stack.usage().openDescriptors <= start.openDescriptors + 2
        }
        let end = try stack.usage()
        print("idle connections, resident KiB, descriptors:")
        for (name, usage, connections) in [
            ("start", start, 0), ("held", held, count), ("again", again, count), ("end", end, 0),
        ] {
            print("  \(name) \(connections) \(usage.residentBytes / 1024) \(usage.openDescriptors)")
        }
        try stack.stop()
    }

    /// The soft limit of descriptors that a shell gives is none for the gateway.
    @Test
    func theSoftLimitOfDescriptorsIsRaised() throws {
        let upstream = try ScriptedUpstream()
        let options = [
            "serve", "--listen", "127.0.0.1:0", "--admin-listen", "off", "--upstream", "http://\(upstream.address)",
        ]
        let gateway = try ChildProcess(
            "/bin/sh",
            ["-c", #"ulimit -Sn 64; exec "$0" "$@""#, BuiltProduct.path("mltraining-gateway")] + options
        )
        let address = try gateway.waitForLine(prefix: "mltraining-gateway listening on ")
        let clients = try (0..<200).map { _ in try RawHTTPClient(address: address) }
        for client in clients { #expect(try client.get("/nope").status == 404) }
        #expect(try gateway.terminate() == .code(0))
        upstream.stop()
    }
}
