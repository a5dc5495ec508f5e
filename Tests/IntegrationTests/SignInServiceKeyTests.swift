import GatewayTesting
import Glibc
import Testing

/// `--viam-auth service-key`: the gateway has an API key of its own.
@Suite
struct SignInServiceKeyTests {
    private let folder: TemporaryFolder
    private let key: [String]

    init() throws {
        folder = try TemporaryFolder()
        try FileBytes.write(Array("\(SignInStack.id)\n".utf8), to: folder.path + "/id")
        try FileBytes.write(Array("\(SignInStack.secret)\r\n".utf8), to: folder.path + "/key")
        key = [
            "--viam-auth", "service-key", "--viam-api-key-id-file", folder.path + "/id", "--viam-api-key-file",
            folder.path + "/key",
        ]
    }

    private func write(_ text: String, to name: String) throws -> String {
        try FileBytes.write(Array(text.utf8), to: folder.path + "/" + name)
        return folder.path + "/" + name
    }

    /// Runs `serve` to its end.
    private func serve(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> (exit: ChildProcess.Exit, error: String) {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve"] + (arguments.contains("--listen") ? [] : ["--listen", "127.0.0.1:0"]) + arguments,
            environment: environment
        )
        let exit = try process.waitForExit()
        #expect(!process.transcript.contains(SignInStack.secret))
        return (exit, process.lines(.error).joined(separator: "\n"))
    }

    @Test
    func callsGoWithTheGatewaysToken() throws {
        let stack = try SignInStack(key, workers: 2)
        for headers in [[:], ["Authorization": "Bearer mine"], SignInStack.fields("x", "y")] as [HeaderList] {
            for _ in 0..<5 { #expect(try stack.get(headers).status == 200) }
        }
        #expect(stack.signIns.count == 1)
        let expected = ProtobufFixture.message { request in
            request.string(1, SignInStack.id)
            request.message(2) { credentials in
                credentials.string(1, "api-key")
                credentials.string(2, SignInStack.secret)
            }
        }
        #expect(stack.signIns.first?.messages == [expected])
        for read in stack.reads {
            #expect(read.headers.values("authorization") == ["Bearer \(stack.tokens[0])"])
            #expect(read.headers.values("viam_client").count == 1)
        }
        #expect(stack.gateway.process.lines(.error).isEmpty)
        try stack.stop()
    }

    @Test
    func aRefusedTokenIsReplaced() throws {
        let stack = try SignInStack(key)
        #expect(try stack.get([:]).status == 200)
        stack.revokeAll()
        #expect(try stack.get([:]).status == 200)
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }

    @Test
    func theEnvironmentServesAndIsEmptied() throws {
        let upstream = try ScriptedUpstream()
        upstream.on(SignInStack.authenticate, SignInStack.answer("token"))
        upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: "a")))
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            [
                "serve", "--listen", "127.0.0.1:0", "--upstream", "http://\(upstream.address)", "--viam-auth",
                "service-key",
            ],
            environment: ["VIAM_API_KEY_ID": SignInStack.id, "VIAM_API_KEY": SignInStack.secret]
        )
        let address = try process.waitForLine(prefix: "mltraining-gateway listening on ")
        #expect(try RawHTTPClient(address: address).get("/v1/jobs/a").status == 200)
        #expect(upstream.requests(for: SignInStack.authenticate).count == 1)
        let environment = try String(decoding: FileBytes.read("/proc/\(process.pid)/environ"), as: UTF8.self)
        #expect(environment.contains("PATH="))
        #expect(!environment.contains(SignInStack.secret))
        #expect(!environment.contains(SignInStack.id))
        #expect(try process.terminate() == .code(0))
        upstream.stop()
    }

    @Test(arguments: ["passthrough", "client-key"])
    func noModeLeavesAKeyInTheEnvironment(mode: String) throws {
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "127.0.0.1:0", "--upstream", "http://127.0.0.1:1", "--viam-auth", mode],
            environment: ["VIAM_API_KEY_ID": SignInStack.id, "VIAM_API_KEY": SignInStack.secret]
        )
        _ = try process.waitForLine(prefix: "mltraining-gateway listening on ")
        let environment = try String(decoding: FileBytes.read("/proc/\(process.pid)/environ"), as: UTF8.self)
        #expect(!environment.contains(SignInStack.secret))
        #expect(!environment.contains(SignInStack.id))
        #expect(try process.terminate() == .code(0))
    }

    @Test
    func aRefusedKeyIs503AndTold() async throws {
        let stack = try SignInStack(key)
        stack.answerAuthenticate(with: .status(16, "no such key: \(SignInStack.secret)"))
        let answer = try stack.get([:])
        #expect(answer.status == 503)
        #expect(answer.error["status"] == "UNAVAILABLE")
        #expect(answer.detail("ErrorInfo")["reason"] == "SERVICE_KEY_REFUSED")
        try await eventually("it is tried again", every: .milliseconds(50)) {
            _ = try stack.get([:])
            return stack.signIns.count == 2
        }
        let lines = stack.gateway.process.lines(.error)
        #expect(lines.count == 1)
        #expect(lines.first?.contains("refuses the gateway's API key") == true)
        try stack.stop()
    }

    // MARK: - Clients' tokens

    @Test
    func onlyClientsWithATokenGetIn() throws {
        let tokens = try write("# for the frontend\nalpha-token\n\n  beta-token==  \r\n", to: "tokens")
        let stack = try SignInStack(key + ["--client-tokens", tokens])
        for token in ["Bearer alpha-token", "bearer  beta-token=="] {
            #expect(try stack.get(["Authorization": token]).status == 200)
        }
        #expect(stack.reads.allSatisfy { $0.headers["authorization"] == "Bearer \(stack.tokens[0])" })
        let challenge = #"Bearer realm="mltraining-gateway""#
        let invalid = #"Bearer realm="mltraining-gateway", error="invalid_token""#
        let others: [(HeaderList, String, String)] = [
            ([:], "CLIENT_TOKEN_MISSING", challenge), (SignInStack.basic(), "CLIENT_TOKEN_MISSING", challenge),
            (
                ["Authorization": "Bearer alpha-token", "Connection": "authorization"], "CLIENT_TOKEN_MISSING",
                challenge
            ),
            (["Authorization": "Bearer alpha-toke"], "CLIENT_TOKEN_INVALID", invalid),
            (["Authorization": "Bearer alpha-tokens"], "CLIENT_TOKEN_INVALID", invalid),
            (["Authorization": "Bearer"], "CLIENT_TOKEN_INVALID", invalid),
            (["Authorization": "Bearer # for the frontend"], "CLIENT_TOKEN_INVALID", invalid),
        ]
        for (headers, reason, challenge) in others {
            let answer = try stack.get(headers)
            #expect(answer.status == 401)
            #expect(answer.detail("ErrorInfo")["reason"] == .string(reason))
            #expect(answer.headers.values("www-authenticate") == [challenge])
            #expect(!"\(answer)".contains("alpha-token"))
        }
        #expect(stack.reads.count == 2)
        try stack.stop()
    }

    @Test(arguments: [
        ("", "there is no token in it"), ("# a\n\n", "there is no token in it"),
        ("good\nnot good\n", ":2: not a token"), ("caf\u{E9}", ":1: not a token"), ("a\n#\na", ":3: the same token"),
        ("====", ":1: not a token"), (String(repeating: "t", count: 1025), ":1: not a token"),
    ])
    func aBadTokenFileIsNamedByPlace(text: String, message: String) throws {
        let tokens = try write(text, to: "tokens")
        let (exit, error) = try serve(key + ["--client-tokens", tokens])
        #expect(exit == .code(1))
        #expect(error.contains(tokens + (message.hasPrefix(":") ? "" : ": ") + message), "\(error)")
        #expect(!error.contains("good"))
    }

    // MARK: - Refusing to start

    @Test(arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "[2001:db8::1]:80"])
    func itIsNotOpenToTheNetworkByAccident(listen: String) throws {
        let (exit, error) = try serve(key + ["--listen", listen])
        #expect(exit == .code(64))
        #expect(error.contains("--client-tokens FILE"))
        #expect(error.contains("--allow-anonymous"))
    }

    @Test
    func loopbackNeedsNoTokens() throws {
        for listen in ["127.1.2.3:0", "unix:\(folder.path)/socket"] {
            let arguments = ["serve", "--listen", listen] + key
            let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), arguments)
            _ = try process.waitForLine(prefix: "mltraining-gateway listening on ")
            #expect(try process.terminate() == .code(0))
        }
    }

    @Test(arguments: [
        ["--client-tokens", "f"], ["--allow-anonymous"], ["--viam-api-key-file", "f"], ["--viam-api-key-id-file", "f"],
        ["--viam-auth", "client-key", "--allow-anonymous"], ["--viam-auth", "client-key", "--client-tokens", "f"],
        ["--viam-auth", "service-key", "--client-tokens", "f", "--allow-anonymous"], ["--viam-auth", "other"],
    ])
    func usageErrors(arguments: [String]) throws {
        #expect(try serve(arguments).exit == .code(64))
    }

    @Test
    func withoutAKeyItDoesNotStart() throws {
        let mode = ["--viam-auth", "service-key"]
        let id = ["VIAM_API_KEY_ID": SignInStack.id]
        let empty = try write("\n", to: "empty")
        let long = try write(String(repeating: "k", count: 1025), to: "long")
        let cases: [([String], [String: String], String)] = [
            (mode, [:], "VIAM_API_KEY_ID"), (mode, id, "VIAM_API_KEY "),
            (mode, id + ["VIAM_API_KEY": ""], "VIAM_API_KEY "),
            (mode + ["--viam-api-key-file", empty], id, "\(empty): the file is empty"),
            (mode + ["--viam-api-key-file", long], id, "the API key must be"),
            (mode + ["--viam-api-key-file", folder.path + "/none"], id, "/none: No such file"),
            (mode, id + ["VIAM_API_KEY": "a\nb"], "the API key must be"),
        ]
        for (arguments, environment, message) in cases {
            let (exit, error) = try serve(arguments, environment: environment)
            #expect(exit == .code(1))
            #expect(error.contains(message), "\(error)")
        }
    }

    @Test(arguments: [
        ("http://192.0.2.1:1", true), ("http://ml.invalid:1", true), ("https://192.0.2.1:1", false),
        ("http://127.0.0.1:1", false), ("http://[::1]:1", false), ("http://localhost:1", false),
    ])
    func keysThatCanBeReadOnTheirWayAreWarnedOf(upstream: String, isWarned: Bool) throws {
        let gateway = try GatewayProcess(upstream: upstream, ["--viam-auth", "client-key"])
        #expect(gateway.process.lines(.error).contains { $0.contains("without TLS") } == isWarned)
        try gateway.stop()
    }
}

private func + (left: [String: String], right: [String: String]) -> [String: String] {
    left.merging(right) { $1 }
}
