import GatewayTesting

@testable import GRPCChannel

/// What suites share that talk to servers with grpc.health.v1.
protocol HealthTesting {}

extension HealthTesting {
    static var watch: String { "/grpc.health.v1.Health/Watch" }
    static var check: String { "/grpc.health.v1.Health/Check" }

    static var serving: Script.Step { .message([8, 1]) }
    static var notServing: Script.Step { .message([8, 2]) }

    func upstream(streams: UInt32 = 100) throws -> ScriptedUpstream {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(streams)]) }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        return upstream
    }

    func client(
        _ upstreams: ScriptedUpstream...,
        service: String = "s.S",
        configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws -> TestClient {
        try TestClient(targets: upstreams.map { "http://\($0.address)" }) {
            $0.healthCheckService = service
            configure(&$0)
        }
    }

    func isFailing(_ client: TestClient) -> Bool {
        guard case .transientFailure = client.channel.state else { return false }
        return true
    }
}
