import GatewayTesting
import Glibc
import Testing

/// A Python with grpcio in it, and what it runs.
enum GRPCIO {
    private static let root = #filePath.replacing("/Tests/IntegrationTests/GRPCIOTests.swift", with: "")
    static let python = root + "/.venv-protos/bin/python"
    static let resources = root + "/Tests/IntegrationTests/Resources"
    static let isInstalled = access(python, X_OK) == 0
}

/// Streams against grpcio, a gRPC server that is not of this project.
///
/// Skipped where `scripts/check-protos.sh`, which `make test` runs first, has not made the Python environment yet.
@Suite(.enabled(if: GRPCIO.isInstalled))
struct GRPCIOTests {
    private let server: ChildProcess
    private let gateway: GatewayProcess

    init() throws {
        server = try ChildProcess(
            GRPCIO.python,
            [GRPCIO.resources + "/feed_server.py", GRPCIO.resources]
        )
        let port = try server.waitForLine(prefix: "listening on ", timeout: .seconds(30))
        gateway = try GatewayProcess(
            upstream: "http://127.0.0.1:\(port)",
            ["--descriptor-set", FeedStack.descriptorSet]
        )
    }

    private func stop() throws {
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.terminate()
    }

    @Test
    func manySmallMessages() throws {
        let lines = try gateway.client(timeout: .seconds(30)).get("/v1/events?topic=20000+3").text.split(
            separator: "\n"
        )
        #expect(lines.count == 20_000)
        #expect(lines.last == #"{"id":"19999","note":{"text":"xxx"}}"#)
        try stop()
    }

    @Test
    func aLateError() throws {
        let lines = try gateway.client().get("/v1/events?topic=2+1!").text.split(separator: "\n")
        #expect(lines.count == 3)
        let error = try JSON(parsing: String(lines.last ?? ""))["error"]
        #expect(error["status"] == "RESOURCE_EXHAUSTED")
        #expect(error["message"] == "that is enough")
        try stop()
    }

    /// The server gets no further than its window while the client does not read, and hears when it goes.
    @Test
    func aClientThatReadsNothingAndGoes() async throws {
        let client = try gateway.client()
        try client.sendRequest("GET", "/v1/events?topic=5000+100000")
        _ = try client.readHead()
        try await Task.sleep(for: .milliseconds(700))
        #expect(!server.transcript.contains("ended"))
        try gateway.expectMemory(peak: 64 << 20)
        client.close()
        _ = try server.waitForLine(prefix: "ended 5000", timeout: .seconds(2))
        try stop()
    }

    @Test
    func aSlowReaderGetsItAll() async throws {
        let client = try gateway.client(timeout: .seconds(30))
        try client.sendRequest("GET", "/v1/events?topic=1000+50000")
        try await Task.sleep(for: .milliseconds(300))
        let lines = try client.readResponse().text.split(separator: "\n")
        #expect(lines.count == 1000)
        #expect(lines.allSatisfy { $0.utf8.count > 50_000 })
        try stop()
    }

    @Test
    func bytesBothWays() throws {
        let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let answer = try gateway.client().request("POST", "/v1/render", headers: ["Content-Type": "a/b"], body: content)
        #expect(answer["content-type"] == "a/b")
        #expect(answer.body == content.reversed())
        try stop()
    }
}
