import GatewayTesting
import Testing

/// Servers that have their connections go, in each of the ways there are, while submits keep coming.
@Suite
struct ReplacedConnectionTests {
    static let inOneStep = Scenario(
        name: "GOAWAY with the last stream's id, under a load of 2,000 submits",
        servers: "scripted",
        submit: [.ok],
        read: [],
        reached: 1,
        test: "ReplacedConnectionTests.goAwayUnderLoad"
    )
    static let inTwoSteps = Scenario(
        name: "GOAWAY with 2^31-1, then with the last stream's id, under a load of 2,000 submits",
        servers: "scripted",
        submit: [.ok],
        read: [],
        reached: 1,
        test: "ReplacedConnectionTests.goAwayUnderLoad"
    )
    static let byAge = Scenario(
        name: "`max_connection_age` of 100 ms, under a load of 2,000 submits",
        servers: "grpcio",
        submit: [.ok],
        read: [],
        reached: 1,
        test: "ReplacedConnectionTests.connectionsThatAge"
    )

    /// The stream that makes its connection go: the hundredth call.
    private static let last: Int32 = 199

    @Test(arguments: [false, true])
    func goAwayUnderLoad(inTwoSteps: Bool) throws {
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.submit) { request in
            guard request.stream <= Self.last else { return .silence }
            guard request.stream == Self.last else { return .emptyAnswer }
            let goAway: Script = [.goAway(lastStream: Self.last)]
            // In between, calls still come and are then refused.
            return (inTwoSteps ? [.goAway(), .delay(.milliseconds(2))] + goAway : goAway) + .emptyAnswer
        }
        let gateway = try GatewayProcess(upstream, workers: 2)
        let views = try load(gateway)
        let scenario = inTwoSteps ? Self.inTwoSteps : Self.inOneStep
        #expect(views.allSatisfy(scenario.submit.contains), "\(Set(views))")
        let served = upstream.requests(for: MLTraining.submit).filter { $0.stream <= Self.last }
        #expect(served.count == 2000)
        #expect(Set(served.map(\.messages)).count == 2000)
        #expect(upstream.acceptedConnections >= 20)
        #expect(upstream.violations.isEmpty)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        upstream.stop()
    }

    @Test(.enabled(if: TrainingServer.isInstalled))
    func connectionsThatAge() throws {
        let server = try TrainingServer(.grpcio, ["grpc.max_connection_age_ms": 100])
        let gateway = try GatewayProcess(upstream: server.url, workers: 2)
        let views = try load(gateway)
        #expect(views.allSatisfy(Self.byAge.submit.contains), "\(Set(views))")
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
        #expect(server.submits.count == 2000)
        #expect(Set(server.submits).count == 2000)
        // More than one for each worker: some have gone.
        #expect(server.connections > 2)
    }

    /// 2,000 submits, 50 at a time.
    private func load(_ gateway: GatewayProcess) throws -> [ClientView] {
        let crowd = try Crowd(50, of: gateway)
        return try (0..<40).flatMap { round in
            try crowd.submit { "m-\(round)-\($0)" }
            return try crowd.answers()
        }
    }
}
