import GatewayTesting
import Testing

/// Answers just below the limit of 32 MiB.
@Suite
struct LargeAnswerTests {
    static let logs = Scenario(
        name: "an answer of 32 MiB, log entries: 33 MiB of JSON; the gateway's peak memory stays below 100 MiB",
        servers: "grpcio, grpclib, scripted",
        submit: [],
        read: [.ok],
        reached: 0,
        test: "LargeAnswerTests"
    )
    static let jobs = Scenario(
        name: "an answer of 32 MiB, jobs: 95 MiB of JSON; peak memory is both of them and 36 MiB",
        servers: "grpcio, grpclib",
        submit: [],
        read: [.ok],
        reached: 0,
        test: "LargeAnswerTests.jobsOfAnotherServer"
    )

    private static let limit = 32 << 20
    /// What a gateway with one worker takes at most beside its answers.
    private static let rest = 36 << 20

    @Test(.enabled(if: TrainingServer.isInstalled), arguments: TrainingServer.Library.allCases)
    func logsOfAnotherServer(library: TrainingServer.Library) throws {
        let server = try TrainingServer(library)
        let gateway = try GatewayProcess(upstream: server.url)
        _ = try expectLargeAnswer(gateway) { "/v1/jobs/x:bytes=\($0)/logs" }
        try gateway.expectMemory(peak: 100 << 20)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
    }

    @Test(.enabled(if: TrainingServer.isInstalled), arguments: TrainingServer.Library.allCases)
    func jobsOfAnotherServer(library: TrainingServer.Library) throws {
        let server = try TrainingServer(library)
        let gateway = try GatewayProcess(upstream: server.url)
        let size = try expectLargeAnswer(gateway) { "/v1/jobs?organization_id=x:bytes=\($0)" }
        try gateway.expectMemory(peak: Self.limit + size + Self.rest)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
    }

    @Test
    func logsOfAScriptedServer() throws {
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.service + "/GetTrainingJobLogs") { request in
            let entry = ProtobufFixture.message { response in
                response.message(1) { entry in
                    entry.string(1, "info")
                    entry.string(3, String(repeating: "epoch 7: loss 0.0123 ", count: 40))
                }
            }
            let size = Int(MLTraining.id(in: request)) ?? 0
            let batch = (0..<16).flatMap { _ in entry }
            let count = size / batch.count
            let prefix = GRPCFrame.encode([], length: UInt32(count * batch.count))
            return [.grpcHeaders(), .data(prefix), .times(count, .data(batch)), .grpcTrailers()]
        }
        let gateway = try GatewayProcess(upstream)
        _ = try expectLargeAnswer(gateway) { "/v1/jobs/\($0)/logs" }
        try gateway.expectMemory(peak: 100 << 20)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        upstream.stop()
    }

    /// Measures what an entry takes in JSON with small answers, then asks for a large one; the size of its JSON.
    private func expectLargeAnswer(_ gateway: GatewayProcess, _ target: (_ size: Int) -> String) throws -> Int {
        let small = try gateway.client().get(target(20_000))
        let larger = try gateway.client().get(target(50_000))
        let counts = try [small, larger].map { response in
            let json = try JSON(parsing: response.body)
            return json["logs"].elements.count + json["jobs"].elements.count
        }
        let sizeOfEntry = (larger.body.count - small.body.count) / (counts[1] - counts[0])
        #expect((larger.body.count - small.body.count) % (counts[1] - counts[0]) == 0)

        // The message itself is a little smaller: as many whole entries as fit.
        let (status, size) = try download(target(Self.limit - 100), from: gateway)
        #expect(status == 200)
        #expect((size - small.body.count) % sizeOfEntry == 0)
        let count = counts[0] + (size - small.body.count) / sizeOfEntry
        #expect(count > counts[1] * 600)
        let usage = try #require(ProcessUsage(pid: gateway.process.pid))
        print(
            "32 MiB of \(count) entries, \(size) bytes of JSON: peak memory",
            "\(usage.peakResidentBytes >> 10) KiB, \(usage.cpu) of CPU time"
        )
        return size
    }

    /// Gets `target` with a client that keeps none of it; status and size of the body.
    private func download(_ target: String, from gateway: GatewayProcess) throws -> (status: Int, size: Int) {
        let curl = try ChildProcess(
            "/usr/bin/curl",
            ["-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_download}\n", "http://\(gateway.address)\(target)"]
        )
        #expect(try curl.waitForExit(timeout: .seconds(60)) == .code(0), "\(curl.transcript)")
        let numbers = curl.lines(.output).last?.split(separator: " ").compactMap { Int($0) } ?? []
        try #require(numbers.count == 2)
        return (numbers[0], numbers[1])
    }
}
