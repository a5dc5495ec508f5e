import GatewayTesting
import Testing

/// Signing in to the real local service, which gives out real tokens, behind TLS.
@Suite
struct SignInLocalServiceTests {
    private static let keys = ["key-1": "first-secret", "key-2": "second-secret"]
    private static let clientKey = ["--viam-auth", "client-key"]

    private let folder: TemporaryFolder
    private let reservation: PortReservation

    init() throws {
        folder = try TemporaryFolder()
        reservation = try PortReservation()
        let authority = try TestAuthority()
        let identity = try authority.issue(addresses: [[127, 0, 0, 1]])
        let lines = Self.keys.map { "\($0) \($1)\n" }.joined()
        for (name, content) in [
            ("ca.pem", authority.pem), ("cert.pem", identity.certificate), ("key.pem", identity.key),
            ("keys", Array(lines.utf8)), ("id", Array("key-1\n".utf8)), ("secret", Array("first-secret\n".utf8)),
        ] {
            try FileBytes.write(content, to: path(name))
        }
    }

    private func path(_ name: String) -> String { folder.path + "/" + name }

    private func startLocal(_ arguments: String...) throws -> LocalProcess {
        try LocalProcess(
            dataFolder: folder,
            port: reservation.port,
            ["--api-keys", path("keys"), "--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")] + arguments
        )
    }

    private func startGateway(_ arguments: [String], workers: Int = 2) throws -> GatewayProcess {
        try GatewayProcess(
            upstream: "https://127.0.0.1:\(reservation.port)",
            workers: workers,
            ["--upstream-ca", path("ca.pem")] + arguments
        )
    }

    /// How often somebody signed in, as the service's log has it.
    private func signIns(_ local: LocalProcess) -> Int {
        local.process.lines(.error).count { $0.contains("signed in key-") }
    }

    private func stop(_ gateway: GatewayProcess, _ local: LocalProcess) throws {
        #expect(try gateway.stop() == .code(0))
        try local.stop()
        for secret in Self.keys.values {
            #expect(!gateway.process.transcript.contains(secret))
            #expect(!local.process.transcript.contains(secret))
        }
    }

    @Test
    func clientsSignInWithTheirKeys() throws {
        let local = try startLocal()
        let gateway = try startGateway(Self.clientKey)
        for _ in 0..<10 {
            #expect(try gateway.curl("/v1/containers", "-u", "key-1:first-secret").status == 200)
            let fields = ["-H", "X-Viam-Api-Key-Id: key-2", "-H", "X-Viam-Api-Key: second-secret"]
            #expect(try Curl.run(fields + ["http://\(gateway.address)/v1/containers"]).status == 200)
        }
        #expect(signIns(local) == 2)

        let wrong = try gateway.curl("/v1/containers", "-u", "key-1:second-secret")
        #expect(wrong.status == 401)
        #expect(wrong.json["error"]["status"] == "UNAUTHENTICATED")
        #expect(wrong.headers["www-authenticate"]?.hasPrefix("Basic ") == true)
        #expect(try gateway.get("/v1/containers").status == 401)
        let submitted = try gateway.post(
            "/v1/jobs",
            json: Requests.submit(),
            headers: SignInStack.basic("key-1", "first-secret")
        )
        #expect(submitted.status == 201)
        #expect(signIns(local) == 2)
        try stop(gateway, local)
    }

    @Test
    func noRequestFailsWhenTokensExpire() async throws {
        let local = try startLocal("--token-lifetime", "1")
        let gateway = try startGateway(Self.clientKey, workers: 1)
        for _ in 0..<40 {
            let answer = try gateway.get("/v1/containers", headers: SignInStack.basic("key-1", "first-secret"))
            #expect(answer.status == 200)
            try await Task.sleep(for: .milliseconds(100))
        }
        // Four seconds of tokens that last one or two.
        #expect((2...8).contains(signIns(local)), "\(signIns(local))")
        try stop(gateway, local)
    }

    @Test
    func aRestartedServiceKnowsNoTokenOfBefore() async throws {
        let first = try startLocal()
        let key = ["--viam-api-key-id-file", path("id"), "--viam-api-key-file", path("secret")]
        let gateway = try startGateway(["--viam-auth", "service-key"] + key, workers: 1)
        #expect(try gateway.get("/v1/containers").status == 200)
        #expect(signIns(first) == 1)
        try first.stop()
        let second = try startLocal()
        #expect(try await gateway.onceConnected { try gateway.get("/v1/containers") }.status == 200)
        let id = try gateway.submitJob()
        #expect(try gateway.get("/v1/jobs/\(id)").status == 200)
        #expect(signIns(second) == 1)
        try stop(gateway, second)
    }
}
