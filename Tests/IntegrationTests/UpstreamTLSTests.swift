import GatewayTesting
import Testing

/// The built gateway and an upstream behind TLS.
@Suite
struct UpstreamTLSTests {
    private let upstream: ScriptedUpstream
    private let folder: TemporaryFolder
    private let authority: TestAuthority
    /// The gateway's.
    private let identity: TestIdentity

    init() throws {
        upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        folder = try TemporaryFolder()
        authority = try TestAuthority()
        identity = try authority.issue(names: ["gateway"], purpose: .client)
        try FileBytes.write(authority.pem, to: folder.path + "/ca.pem")
        try FileBytes.write(identity.certificate, to: folder.path + "/gateway.pem")
        try FileBytes.write(identity.key, to: folder.path + "/gateway.key")
    }

    private func front(_ configure: (inout TLSFrontOptions) -> Void = { _ in }) throws -> TLSFront {
        let names = ["ml.test"]
        var options = TLSFrontOptions(try authority.issue(names: names, addresses: [[127, 0, 0, 1]]))
        configure(&options)
        return try TLSFront(to: upstream, options)
    }

    private func gateway(_ front: TLSFront, workers: Int = 1, _ arguments: String...) throws -> GatewayProcess {
        try GatewayProcess(upstream: "https://127.0.0.1:\(front.port)", workers: workers, arguments)
    }

    @Test
    func requestsOfSeveralWorkers() throws {
        let front = try front()
        let gateway = try gateway(front, workers: 2, "--upstream-ca", folder.path + "/ca.pem")
        for number in 0..<20 {
            let answer = try gateway.get("/v1/jobs/\(number)")
            #expect(answer.status == 200)
            #expect(answer.json["id"].text == "\(number)")
        }
        #expect(upstream.requests.allSatisfy { $0.headers[":scheme"] == "https" })
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        let ended = front.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(ended.allSatisfy { $0.isEndedInOrder })
        front.stop()
    }

    @Test
    func aClientCertificateAndAnotherAuthority() throws {
        let pem = authority.pem
        let front = try front {
            $0.clientCertificate = .required
            $0.clientAuthority = pem
        }
        let gateway = try gateway(
            front,
            "--upstream-ca",
            folder.path + "/ca.pem",
            "--upstream-cert",
            folder.path + "/gateway.pem",
            "--upstream-key",
            folder.path + "/gateway.key",
            "--upstream-authority",
            "ml.test:8443"
        )
        #expect(try gateway.get("/v1/jobs/1").status == 200)
        #expect(upstream.requests.map(\.authority) == ["ml.test:8443"])
        #expect(front.connections.map(\.serverName) == ["ml.test"])
        #expect(front.connections.map(\.hasClientCertificate) == [true])
        try gateway.stop()
        front.stop()
    }

    @Test
    func anUpstreamThatIsNotTrustedIs503() throws {
        let front = try front()
        let gateway = try gateway(front)
        let answer = try gateway.get("/v1/jobs/1")
        #expect(answer.status == 503)
        let message = answer.json["error"]["message"].text ?? ""
        #expect(message.hasSuffix("TLS: the certificate of 127.0.0.1 is not signed by a trusted authority"))
        #expect(upstream.requests.isEmpty)
        try gateway.stop()
        front.stop()
    }

    @Test(arguments: [
        (["--upstream-ca", "gateway.key"], "gateway.key: no PEM certificates in it"),
        (["--upstream-ca", "missing.pem"], "missing.pem: No such file or directory"),
        (["--upstream-cert", "ca.pem", "--upstream-key", "gateway.key"], "gateway.key is not the key of"),
    ])
    func filesThatCannotBeUsedAreOneClearLine(arguments: [String], words: String) throws {
        let paths = arguments.map { $0.hasPrefix("--") ? $0 : "\(folder.path)/\($0)" }
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "127.0.0.1:0", "--upstream", "https://ml.test"] + paths
        )
        #expect(try process.waitForExit() == .code(1))
        let lines = process.lines(.error)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("Error: no TLS to https://ml.test: ") == true, "\(lines)")
        #expect(lines.first?.contains(words) == true, "\(lines)")
    }
}
