import GatewayTesting
import Testing

/// Servers that take little at a time.
@Suite
struct NarrowUpstreamTests {
    static let oneStream = fewStreams(1)
    static let tenStreams = fewStreams(10)
    static let window = Scenario(
        name: "a flow-control window of 16 bytes, submits of 40 KB",
        servers: "scripted",
        submit: [.ok],
        read: [],
        reached: 1,
        test: "NarrowUpstreamTests.aWindowOfSixteenBytes"
    )

    private static func fewStreams(_ limit: Int) -> Scenario {
        Scenario(
            name: "SETTINGS_MAX_CONCURRENT_STREAMS of \(limit), 200 clients at once",
            servers: "scripted, grpcio",
            submit: [.ok],
            read: [.ok],
            reached: 1,
            test: "NarrowUpstreamTests"
        )
    }

    @Test(arguments: [1, 10])
    func fewStreams(limit: Int) throws {
        let scenario = limit == 1 ? Self.oneStream : Self.tenStreams
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: [.maxConcurrentStreams(UInt32(limit))])
        }
        let slowly: Script = [.delay(.milliseconds(2))] + .emptyAnswer
        upstream.on(MLTraining.submit, slowly)
        upstream.on(MLTraining.getJob, slowly)
        let gateway = try GatewayProcess(upstream)
        try expect(scenario, gateway)
        #expect(upstream.requests(for: MLTraining.submit).count == 100)
        #expect(Set(upstream.requests(for: MLTraining.submit).map(\.messages)).count == 100)
        #expect(upstream.violations.isEmpty)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        upstream.stop()
    }

    @Test(.enabled(if: TrainingServer.isInstalled), arguments: [1, 10])
    func fewStreamsOfGRPCIO(limit: Int) throws {
        // Its overload protection, which is on by default, refuses streams within the limit too, several times in a row,
        // while it has not cleaned up behind finished ones. No application has seen these calls.
        let server = try TrainingServer(.grpcio, ["grpc.max_concurrent_streams": limit])
        let gateway = try GatewayProcess(upstream: server.url)
        try expect(limit == 1 ? Self.oneStream : Self.tenStreams, gateway)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
        #expect(server.submits.count == 100)
        #expect(Set(server.submits).count == 100)
    }

    private func expect(_ scenario: Scenario, _ gateway: GatewayProcess) throws {
        let submits = try Crowd(100, of: gateway)
        let reads = try Crowd(100, of: gateway)
        try submits.submit { "m\($0):late=0.002" }
        try reads.get { "r\($0):late=0.002" }
        #expect(try submits.answers().allSatisfy(scenario.submit.contains))
        #expect(try reads.answers().allSatisfy(scenario.read.contains))
    }

    @Test
    func aWindowOfSixteenBytes() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.initialWindowSize(16)]) }
        upstream.on(MLTraining.submit, .emptyAnswer)
        let gateway = try GatewayProcess(upstream)
        let crowd = try Crowd(4, of: gateway)
        try crowd.submit { String(repeating: "\($0)", count: 40_000) }
        #expect(try crowd.answers().allSatisfy(Self.window.submit.contains))
        // Field 3, its length in three bytes, and the name.
        #expect(upstream.requests.map { $0.messages.first?.count } == [Int?](repeating: 40_004, count: 4))
        #expect(upstream.violations.isEmpty)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        upstream.stop()
    }
}
