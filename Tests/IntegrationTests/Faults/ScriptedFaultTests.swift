import GatewayTesting
import Testing

/// Each fault of the table, met by a submit and then by a read through one gateway.
@Suite
struct ScriptedFaultTests {
    private static let warmUp = MLTraining.service + "/ListSupportedContainers"

    @Test(arguments: FaultTable.scripted.flatMap(\.faults))
    func aFault(fault: Fault) async throws {
        let upstream = try ScriptedUpstream { _ in fault.behavior }
        defer { upstream.stop() }
        upstream.on(Self.warmUp, .answer([]))
        upstream.on(MLTraining.submit, fault.script)
        upstream.on(MLTraining.getJob, fault.script)
        let gateway = try GatewayProcess(upstream)
        // So that the connection is there, where there can be one.
        let isConnected = try warmUp(gateway)
        #expect(isConnected == (fault.isOfRequests))
        let headers: HeaderList = ["Grpc-Timeout": fault.timeout]

        try expect(fault.submit, of: fault, from: upstream, MLTraining.submit) {
            try gateway.post("/v1/jobs", headers: headers)
        }
        if isConnected { try await eventually("the gateway has recovered") { try warmUp(gateway) } }
        try expect(fault.read, of: fault, from: upstream, MLTraining.getJob) {
            try gateway.get("/v1/jobs/1", headers: headers)
        }
        if isConnected { try await eventually("the gateway has recovered") { try warmUp(gateway) } }

        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        let submits = upstream.requests(for: MLTraining.submit)
        #expect(submits.count(where: fault.isSeen) == fault.reached)
        // More often only where no application can have seen it, and not for ever.
        #expect(submits.count <= fault.reached + (fault.isOfRequests ? 5 : 0), "\(submits.count) attempts")
        let reads = upstream.requests(for: MLTraining.getJob)
        #expect(reads.count <= (fault.isOfRequests ? 6 : 0), "\(reads.count) attempts")
    }

    private func warmUp(_ gateway: GatewayProcess) throws -> Bool {
        try gateway.get("/v1/containers", headers: ["Grpc-Timeout": "150m"]).status == 200
    }

    /// Makes a call that meets `fault` and looks at what its client gets, and when.
    private func expect(
        _ view: ClientView,
        of fault: Fault,
        from upstream: ScriptedUpstream,
        _ method: String,
        _ call: () throws -> Answer
    ) throws {
        let start = MonotonicTime.now
        let answer = try call()
        #expect(MonotonicTime.now < start.advanced(by: .seconds(5)))
        #expect(ClientView(answer) == view, "\(method): \(answer.json)")
        guard let code = fault.reset else { return }
        let requests = upstream.waitForRequests { $0.contains { $0.path == method && $0.resetCode != nil } }
        #expect(requests.last { $0.path == method }?.resetCode == code)
    }
}
