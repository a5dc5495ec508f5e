import GatewayTesting
import Testing

/// `--upstream-health-check`, through the gateway.
@Suite
struct UpstreamHealthTests {
    private static let watch = "/grpc.health.v1.Health/Watch"

    @Test(arguments: [("acme.Jobs", " for service acme.Jobs", [[10, 9] + Array("acme.Jobs".utf8)]), ("", "", [[]])])
    func aServerThatIsNotServing(service: String, subject: String, request: [[UInt8]]) async throws {
        let upstream = try ScriptedUpstream()
        let gate = Gate()
        upstream.on(Self.watch, [.grpcHeaders(), .message([8, 2]), .hold(gate), .message([8, 1])])
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        let gateway = try GatewayProcess(upstream, ["--upstream-health-check", service])
        let answer = try gateway.get("/v1/jobs/1")
        #expect(answer.status == 503)
        #expect(
            answer.error["message"] == .string("upstream http://\(upstream.address) reports NOT_SERVING\(subject)")
        )
        #expect(answer.detail("ErrorInfo") == .null)
        let wait = try #require(answer.headers["retry-after"].flatMap { Int($0) })
        #expect((1...10).contains(wait))
        #expect(upstream.requests.map(\.messages) == [request])
        gate.open()
        try await eventually("calls succeed") { try gateway.get("/v1/jobs/1").status == 200 }
        #expect(try gateway.stop() == .code(0))
        #expect(upstream.connections.map(\.goAwayCode) == [.noError])
        upstream.stop()
    }
}
