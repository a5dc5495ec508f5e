import GatewayTesting
import Testing

/// Each fault of the table, met by a submit and by a read through the built gateway.
@Suite
struct ScriptedFaultTests {
    private static let warmUp = MLTraining.service + "/ListSupportedContainers"

    @Test(arguments: FaultTable.scripted.flatMap(\.faults))
    func aFault(fault: Fault) throws {
        try expect(fault.submit, of: fault, from: MLTraining.submit, attempts: 1...2, reached: fault.reached) { gateway in
            try gateway.post("/v1/jobs", headers: ["Grpc-Timeout": fault.timeout])
        }
        // A read may be made anew where a submit may not.
        try expect(fault.read, of: fault, from: MLTraining.getJob, attempts: 1...3, reached: nil) { gateway in
            try gateway.get("/v1/jobs/1", headers: ["Grpc-Timeout": fault.timeout])
        }
    }

    private func expect(
        _ view: ClientView,
        of fault: Fault,
        from method: String,
        attempts: ClosedRange<Int>,
        reached: Int?,
        _ call: (GatewayProcess) throws -> Answer
    ) throws {
        let upstream = try ScriptedUpstream { _ in fault.behavior }
        defer { upstream.stop() }
        upstream.on(method, fault.script)
        upstream.on(Self.warmUp, .answer([]))
        let gateway = try GatewayProcess(upstream)
        // So that the connection is there, where there can be one.
        let isConnected = try gateway.get("/v1/containers", headers: ["Grpc-Timeout": "100m"]).status == 200

        let start = MonotonicTime.now
        let answer = try call(gateway)
        #expect(MonotonicTime.now < start.advanced(by: .seconds(5)))
        #expect(ClientView(answer) == view, "\(method): \(answer.json)")
        if let code = fault.reset {
            let requests = upstream.waitForRequests { $0.contains { $0.path == method && $0.resetCode != nil } }
            #expect(requests.last { $0.path == method }?.resetCode == code)
        }
        // Whatever happened, the gateway is well and the call did not go upstream again meanwhile.
        if isConnected { #expect(try gateway.get("/healthy").status == 404) }
        let arrived = upstream.requests(for: method)
        #expect(isConnected ? attempts.contains(arrived.count) : arrived.isEmpty, "\(arrived.count) attempts")
        if let reached { #expect(arrived.count(where: fault.isSeen) == reached) }
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        #expect(upstream.requests(for: method).count == arrived.count)
    }
}
