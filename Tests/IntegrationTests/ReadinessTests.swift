import GatewayTesting
import Glibc
import Testing

/// The admin listener: whether the gateway lives, and whether it should be sent requests.
@Suite
struct ReadinessTests {
    private static let admin = ["--admin-listen", "127.0.0.1:0"]

    private func admin(of gateway: GatewayProcess) throws -> String {
        try gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
    }

    private func get(_ target: String, at address: String, method: String = "GET") throws -> Answer {
        try Answer(RawHTTPClient(address: address, timeout: .seconds(5)).request(method, target))
    }

    @Test(arguments: [1, 2])
    func readinessFollowsTheUpstream(workers: Int) async throws {
        let port = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://127.0.0.1:\(port.port)", workers: workers, Self.admin)
        let address = try admin(of: gateway)
        try await eventually("the first attempt has failed") {
            try get("/readyz", at: address).json["upstreams"][0]["state"] == "TRANSIENT_FAILURE"
        }
        let away = try get("/readyz", at: address)
        #expect(away.status == 503)
        #expect(away.json["status"] == "unavailable")
        #expect(away.json["readyWorkers"] == 0)
        #expect(away.json["upstreams"][0]["target"] == .string("http://127.0.0.1:\(port.port)"))
        #expect(away.json["upstreams"][0]["addresses"][0]["note"].text != nil)
        #expect(try get("/healthz", at: address).status == 200)

        let upstream = try ScriptedUpstream(port: port.port)
        try await eventually("ready", within: .seconds(10)) { try get("/readyz", at: address).status == 200 }
        let ready = try get("/readyz", at: address)
        #expect(ready.json["status"] == "ready")
        #expect(ready.json["upstreams"][0]["state"] == "READY")
        #expect(ready.json["upstreams"][0]["addresses"][0]["state"] == "READY")
        #expect(ready.headers["cache-control"] == "no-store")

        upstream.stop()
        try await eventually("away again") { try get("/readyz", at: address).status == 503 }
        #expect(try gateway.stop() == .code(0))
    }

    @Test
    func aStoppingGatewayIsAliveAndNotReady() async throws {
        let stack = try ScriptedStack(Self.admin)
        let address = try admin(of: stack.gateway)
        let gate = Gate()
        let client = try stack.gateway.client()
        try client.sendRequest("GET", stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "last"))))
        #expect(stack.upstream.waitForRequests(1).count == 1)
        #expect(try get("/readyz", at: address).status == 200)

        stack.gateway.process.signal(SIGTERM)
        try await eventually("not ready") { try get("/readyz", at: address).status == 503 }
        #expect(try get("/readyz", at: address).json["status"] == "stopping")
        #expect(try get("/healthz", at: address).status == 200)
        gate.open()
        #expect(try client.readResponse().status == 200)
        #expect(try stack.gateway.process.waitForExit() == .code(0))
        stack.upstream.stop()
    }

    @Test
    func otherRequestsAreErrorsOfTheUsualShape() throws {
        let stack = try ScriptedStack(Self.admin)
        let address = try admin(of: stack.gateway)
        let missing = try get("/v1/jobs/1", at: address)
        #expect(missing.status == 404)
        #expect(missing.json["error"]["status"] == "NOT_FOUND")
        let wrong = try get("/readyz", at: address, method: "DELETE")
        #expect(wrong.status == 405)
        #expect(wrong.headers["allow"] == "GET, HEAD")
        let probe = try RawHTTPClient(address: address, timeout: .seconds(5)).request("HEAD", "/healthz?verbose")
        #expect(probe.status == 200)
        #expect(probe.body.isEmpty)
        #expect(try stack.gateway.stop() == .code(0))
        stack.upstream.stop()
    }

    @Test
    func anAdminAddressInUseIsOneClearLine() throws {
        let taken = try ScriptedUpstream()
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "127.0.0.1:0", "--admin-listen", taken.address]
        )
        #expect(try process.waitForExit() == .code(1))
        #expect(process.lines(.error).count == 1)
        #expect(process.lines(.error).first?.contains("--admin-listen") == true, "\(process.transcript)")
        taken.stop()
    }
}
