import GatewayTesting
import Glibc
import Testing

/// The gateway's own HTTPS.
@Suite
struct HTTPSTests {
    private let folder: PEMFolder
    private let authority: TestAuthority
    private let files: [String]

    init() throws {
        folder = try PEMFolder()
        authority = try TestAuthority()
        let identity = try authority.issue(names: ["localhost"], addresses: [[127, 0, 0, 1]])
        let certificate = try folder.write("server.pem", identity.certificate + authority.pem)
        files = ["--tls-cert", certificate, "--tls-key", try folder.write("server.key", identity.key)]
        _ = try folder.write("ca.pem", authority.pem)
    }

    private var options: TLSClientOptions { TLSClientOptions(authority: authority.pem) }

    private func client(_ gateway: GatewayProcess) throws -> RawHTTPClient {
        try RawHTTPClient(address: gateway.address, tls: options)
    }

    private func curl(_ gateway: GatewayProcess, _ target: String, _ arguments: [String]) throws -> Answer {
        try Curl.run(["--cacert", "\(folder.path)/ca.pem"] + arguments + ["https://\(gateway.address)\(target)"])
    }

    @Test(arguments: [1, 2])
    func curlIsServed(workers: Int) throws {
        let stack = try ScriptedStack(workers: workers, files)
        // The last one offers HTTP/2 too, and makes do without.
        for flags in [["--tls-max", "1.2"], ["--tlsv1.3"], ["--http1.1"], ["--http2"]] {
            #expect(try curl(stack.gateway, "/v1/jobs/a", flags).status == 200)
        }
        let seen = try #require(stack.upstream.requests.first)
        #expect(seen.headers.values("x-forwarded-proto") == ["https"])
        try stack.stop()
    }

    @Test
    func connectionsAreKept() throws {
        let stack = try ScriptedStack(files)
        let client = try client(stack.gateway)
        for number in 0..<20 {
            #expect(try Answer(client.get("/v1/jobs/\(number)x")).status == 200)
            #expect(try Answer(client.post("/v1/nothing", json: "{}")).status == 404)
        }
        try stack.stop()
    }

    @Test
    func largeAnswersComeWhole() throws {
        let upstream = try ScriptedUpstream()
        let text = String(repeating: "epoch 7: loss 0.0123 ", count: 250_000)
        upstream.on(
            MLTraining.service + "/GetTrainingJobLogs",
            .answer(ProtobufFixture.message { $0.message(1) { $0.string(3, text) } })
        )
        let gateway = try GatewayProcess(upstream, files)
        let client = try client(gateway)
        for _ in 0..<2 { #expect(try Answer(client.get("/v1/jobs/a/logs")).json["logs"][0]["message"].text == text) }
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        upstream.stop()
    }

    @Test
    func streamsArriveAsTheyCome() throws {
        let stack = try FeedStack(files)
        let gate = Gate()
        stack.on(
            "Watch",
            [
                .grpcHeaders(), .message(FeedStack.event("1")), .hold(gate), .message(FeedStack.event("2")),
                .grpcTrailers(),
            ]
        )
        let client = try client(stack.gateway)
        try client.sendRequest("GET", "/v1/events?topic=t")
        #expect(try client.readHead().status == 200)
        #expect(try client.readChunk() == Array("{\"id\":\"1\"}\n".utf8))
        gate.open()
        #expect(try client.readChunk() == Array("{\"id\":\"2\"}\n".utf8))
        #expect(try client.readChunk() == nil)
        try stack.stop()
    }

    static let refusals: [(request: String, status: Int)] = [
        ("GET /v1/jobs/a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413),
        ("GET /v1/jobs/\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ("GET /v1/jobs HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: 15_500))\r\n\r\n", 431),
        ("GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505),
    ]

    @Test
    func refusalsAreWellFormed() throws {
        let stack = try ScriptedStack(files)
        for (request, status) in HTTPSTests.refusals {
            let client = try client(stack.gateway)
            try client.send(request)
            let answer = try Answer(client.readResponse())
            #expect(answer.status == status)
            // A target is too long for the gateway, not for HTTP.
            guard status != 414 else { continue }
            #expect(client.isClosedByServer())
            #expect(client.isTLSEndedInOrder)
            #expect(answer.error["message"].text?.isEmpty == false)
        }
        #expect(try Answer(client(stack.gateway).get("/v1/jobs/a")).status == 200)
        try stack.stop()
    }

    @Test
    func oldTLSAndNoTLSAreTurnedAway() throws {
        let stack = try ScriptedStack(files)
        var old = options
        old.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.1"
        #expect(throws: TLSClientError.alert("Error in protocol version")) {
            _ = try RawHTTPClient(address: stack.gateway.address, tls: old)
        }
        let others = [
            "GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]
        for request in others {
            let client = try stack.gateway.client()
            try client.send(request)
            client.shutdownSending()
            #expect(try client.readToEnd().count < 10)
        }
        #expect(throws: Curl.Failure.self) { _ = try stack.gateway.curl("/v1/jobs/a") }
        #expect(try Answer(client(stack.gateway).get("/v1/jobs/a")).status == 200)
        #expect(stack.upstream.requests.count == 1)
        try stack.stop()
    }

    @Test
    func stalledHandshakesDisturbNobody() throws {
        let stack = try ScriptedStack(files)
        let stalled = try (0..<300).map { _ in try stack.gateway.client() }
        for client in stalled { try client.send([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) }
        let client = try client(stack.gateway)
        let before = try #require(ProcessUsage(pid: stack.gateway.process.pid)).cpu
        for number in 0..<100 { #expect(try Answer(client.get("/v1/jobs/\(number)x")).status == 200) }
        let after = try #require(ProcessUsage(pid: stack.gateway.process.pid)).cpu
        #expect(after - before < .seconds(2), "\(after - before)")
        try stack.stop()
    }

    @Test
    func httpsOverAUnixSocket() throws {
        let path = "\(folder.path)/gateway.sock"
        let stack = try ScriptedStack(files + ["--listen", "unix:\(path)"])
        #expect(try Answer(client(stack.gateway).get("/v1/jobs/a")).status == 200)
        try stack.stop()
    }

    @Test
    func badFilesAreNamed() throws {
        let run = try ConfiguredProcess()
        let other = try folder.write("other.key", authority.issue(names: ["other"]).key)
        let table: [([String], Int32, String)] = [
            ([files[0], files[1]], 64, "--tls-cert and --tls-key come together; --tls-key is not given"),
            ([files[2], files[3]], 64, "--tls-cert and --tls-key come together; --tls-cert is not given"),
            ([files[0], files[1], "--tls-key", other], 1, "no HTTPS: \(other) is not the key of \(files[1])"),
            (files + ["--tls-key", "/none"], 1, "no HTTPS: /none: No such file or directory"),
        ]
        for (arguments, code, message) in table {
            let result = try run.run(["serve"] + arguments)
            #expect(result.exit == .code(code))
            #expect(result.error.first == "Error: \(message)")
        }
    }

    @Test
    func anExpiredCertificateIsAWarning() throws {
        let identity = try authority.issue(names: ["localhost"], validity: .expired)
        let certificate = try folder.write("old.pem", identity.certificate)
        let key = try folder.write("old.key", identity.key)
        let stack = try ScriptedStack(["--tls-cert", certificate, "--tls-key", key])
        let lines = stack.gateway.process.lines(.error)
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix(" warning: \(certificate): the certificate has expired") == true)
        try stack.stop()
    }
}
