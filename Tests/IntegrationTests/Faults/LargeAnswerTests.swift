import GatewayTesting
import Testing

/// Answers just below the limit of 32 MiB.
@Suite
struct LargeAnswerTests {
    static let scenario = Scenario(
        name: "an answer of 32 MiB (log entries; jobs); the gateway's peak memory stays below 100 MiB",
        servers: "grpcio, grpclib, scripted",
        submit: [],
        read: [.ok],
        reached: 0,
        test: "LargeAnswerTests"
    )

    private static let limit = 32 << 20
    private static let logs = MLTraining.service + "/GetTrainingJobLogs"
    private static let list = MLTraining.service + "/ListTrainingJobs"

    @Test(.enabled(if: TrainingServer.isInstalled), arguments: TrainingServer.Library.allCases, ["logs", "jobs"])
    func ofAnotherServer(library: TrainingServer.Library, kind: String) throws {
        let server = try TrainingServer(library)
        let gateway = try GatewayProcess(upstream: server.url)
        try expectLargeAnswer(gateway) { size in
            kind == "logs" ? "/v1/jobs/x:bytes=\(size)/logs" : "/v1/jobs?organization_id=x:bytes=\(size)"
        }
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
    }

    /// Measures what an entry takes in JSON with small answers, then asks for a large one.
    private func expectLargeAnswer(_ gateway: GatewayProcess, _ target: (_ size: Int) -> String) throws {
        let small = try gateway.client().get(target(5_000))
        let larger = try gateway.client().get(target(50_000))
        let counts = try [small, larger].map { response in
            let json = try JSON(parsing: response.body)
            return json["logs"].elements.count + json["jobs"].elements.count
        }
        let sizeOfEntry = (larger.body.count - small.body.count) / (counts[1] - counts[0])
        #expect((larger.body.count - small.body.count) % (counts[1] - counts[0]) == 0)

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
        try gateway.expectMemory(peak: 100 << 20)
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
