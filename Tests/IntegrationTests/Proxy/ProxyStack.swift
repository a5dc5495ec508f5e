import GatewayTesting
import Testing

/// nginx before a gateway before an upstream that answers every method of the ML training API.
final class ProxyStack: Sendable {
    /// How nginx reaches the gateway.
    enum Link: CaseIterable {
        case tcp
        case unixSocket
    }

    let nginx: NginxProcess
    let gateway: GatewayProcess
    let upstream: ScriptedUpstream
    private let folder: TemporaryFolder

    init(_ link: Link = .tcp, arguments: [String] = [], nginx settings: [String] = []) throws {
        folder = try TemporaryFolder()
        upstream = try ScriptedUpstream()
        gateway = try GatewayProcess(
            upstream: "http://\(upstream.address)",
            listen: link == .tcp ? "127.0.0.1:0" : "unix:\(folder.path)/gateway",
            arguments
        )
        nginx = try NginxProcess(upstream: gateway.address, settings)
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        // Field 1 of each is the id of what was made; of the others an empty answer says all.
        for method in ["SubmitTrainingJob", "SubmitCustomTrainingJob", "RegisterCustomTrainingContainer"] {
            upstream.on("\(MLTraining.service)/\(method)", .answer(ProtobufFixture.message { $0.string(1, "made") }))
        }
        for method in [
            "ListTrainingJobs", "CancelTrainingJob", "DeleteCompletedTrainingJob", "GetTrainingJobLogs",
            "ListSupportedContainers", "ListContainers", "GetContainer", "DeleteCustomTrainingContainer",
        ] {
            upstream.on("\(MLTraining.service)/\(method)", .answer([]))
        }
    }

    /// The last parts of the paths that upstream was called by, in order.
    var calls: [String] {
        upstream.requests.map { String($0.path.split(separator: "/").last ?? "") }
    }

    func stop() throws {
        try nginx.stop()
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        #expect(upstream.violations.isEmpty)
        upstream.stop()
    }
}
