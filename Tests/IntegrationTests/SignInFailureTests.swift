import GatewayTesting
import Glibc
import Testing

/// Sign-ins that fail, that take long, and what becomes of those that wait for them.
@Suite
struct SignInFailureTests {
    /// An upstream that cannot keep anything to itself.
    private static func echo(_ code: Int) -> Script {
        let text = "\(SignInStack.id) \(SignInStack.secret)"
        let details = ProtobufFixture.status(code, text, details: [("google.rpc.DebugInfo", Array(text.utf8))])
        return .status(code, text, details: details, headers: ["x-echo": SignInStack.secret])
    }

    @Test(
        arguments: [
            (16, 401, "UNAUTHENTICATED", "API_KEY_REFUSED"), (7, 401, "UNAUTHENTICATED", "API_KEY_REFUSED"),
            (5, 401, "UNAUTHENTICATED", "API_KEY_REFUSED"), (3, 401, "UNAUTHENTICATED", "API_KEY_REFUSED"),
            (14, 503, "UNAVAILABLE", "SIGN_IN_FAILED"), (4, 503, "UNAVAILABLE", "SIGN_IN_FAILED"),
            (8, 429, "RESOURCE_EXHAUSTED", "SIGN_IN_FAILED"), (12, 500, "INTERNAL", "SIGN_IN_FAILED"),
            (13, 500, "INTERNAL", "SIGN_IN_FAILED"),
            (99, 500, "INTERNAL", "SIGN_IN_FAILED"),
        ]
    )
    func aRefusedSignIn(code: Int, status: Int, name: String, reason: String) throws {
        let stack = try SignInStack(["--viam-auth", "client-key", "--expose-metadata", "x-echo"])
        stack.answerAuthenticate(with: SignInFailureTests.echo(code))
        let client = try stack.gateway.client()
        let response = try client.get("/v1/jobs/a", headers: SignInStack.basic())
        let answer = try Answer(response)
        #expect(answer.status == status)
        #expect(answer.error["status"] == .string(name))
        #expect(answer.detail("ErrorInfo")["reason"] == .string(reason))
        #expect((answer.headers["www-authenticate"] != nil) == (status == 401))
        stack.expectNoSecret("\(response.headers) \(response.text)")
        #expect(stack.reads.isEmpty)
        try stack.stop()
    }

    @Test(
        arguments: [
            .answer([]), .answer([0x0A]), .answer(ProtobufFixture.message { $0.string(1, "") }),
            .answer(ProtobufFixture.message { $0.string(1, "two\nlines") }),
            .answer(ProtobufFixture.message { $0.string(1, "two words") }),
            .answer(ProtobufFixture.message { $0.string(1, "caf\u{E9}") }),
            .answer(ProtobufFixture.message { $0.string(1, String(repeating: "t", count: 8193)) }),
            .answer(ProtobufFixture.message { $0.varint(1, 1 as UInt64) }),
            [.grpcHeaders(), .grpcTrailers()],
        ] as [Script]
    )
    func anAnswerWithoutATokenIs500(script: Script) throws {
        let stack = try SignInStack()
        stack.answerAuthenticate(with: script)
        let answer = try stack.get()
        #expect(answer.status == 500)
        #expect(answer.detail("ErrorInfo")["reason"] == "MALFORMED_UPSTREAM_ANSWER")
        #expect(stack.reads.isEmpty)
        try stack.stop()
    }

    @Test
    func theLongestTokenServes() throws {
        let stack = try SignInStack()
        let token = String(repeating: "t", count: 8192)
        stack.answerAuthenticate(with: SignInStack.answer(token))
        stack.upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: "a")))
        #expect(try stack.get().status == 200)
        #expect(stack.reads.first?.headers["authorization"] == "Bearer \(token)")
        try stack.stop()
    }

    @Test
    func aRefusedKeyIsRememberedForAMoment() async throws {
        let stack = try SignInStack()
        stack.answerAuthenticate(with: .status(16))
        #expect(try stack.get().status == 401)
        let refused = MonotonicTime.now
        var count = 0
        while MonotonicTime.now < refused.advanced(by: .milliseconds(500)) {
            #expect(try stack.get().status == 401)
            count += 1
        }
        #expect(count > 1)
        #expect(stack.signIns.count == 1)
        // Another key is another matter.
        #expect(try stack.get(SignInStack.basic("other")).status == 401)
        #expect(stack.signIns.count == 2)
        try await eventually("the key is tried again", every: .milliseconds(50)) {
            _ = try stack.get()
            return stack.signIns.count == 3
        }
        try stack.stop()
    }

    @Test
    func anUnavailableUpstreamIs503WithRetryAfter() throws {
        let reservation = try PortReservation()
        let gateway = try GatewayProcess(
            upstream: "http://127.0.0.1:\(reservation.port)",
            ["--viam-auth", "client-key"]
        )
        let answer = try gateway.get("/v1/jobs/a", headers: SignInStack.basic())
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] != nil)
        #expect(answer.detail("ErrorInfo")["reason"] == "SIGN_IN_FAILED")
        #expect(answer.error["message"].text?.contains("connection refused") == true, "\(answer)")
        #expect(try gateway.stop() == .code(0))
    }

    // MARK: - Waiting

    @Test
    func theClientsDeadlineCounts() throws {
        let stack = try SignInStack()
        let gate = stack.hold(0)
        let answer = try stack.get(SignInStack.basic() + ["Grpc-Timeout": "200m", "X-Request-Id": "mine"])
        #expect(answer.status == 504)
        #expect(answer.error["status"] == "DEADLINE_EXCEEDED")
        #expect(answer.detail("ErrorInfo")["reason"] == "DEADLINE_SIGN_IN")
        #expect(answer.detail("ErrorInfo")["metadata"]["phase"] == "sign-in")
        #expect(answer.headers["x-request-id"] == "mine")
        // The sign-in goes on for the next one.
        gate.open()
        #expect(try stack.get().status == 200)
        #expect(stack.signIns.count == 1)
        try stack.stop()
    }

    @Test
    func oneGoesAndTheOthersAreAnswered() async throws {
        let stack = try SignInStack()
        let gate = stack.hold(0)
        let clients = try (0..<20).map { _ in try stack.gateway.client() }
        for (number, client) in clients.enumerated() {
            try client.sendRequest("GET", "/v1/jobs/\(number)", headers: SignInStack.basic())
        }
        stack.waitForSignIns(1)
        for (number, client) in clients.enumerated() where number % 2 == 0 { client.abort() }
        // Gone clients are noticed at the second look, half a second later; a sign-in belongs to none of them.
        let gone = MonotonicTime.now
        try await eventually("the clients are missed") { MonotonicTime.now > gone.advanced(by: .seconds(1)) }
        #expect(stack.signIns.first?.resetCode == nil)
        gate.open()
        for (number, client) in clients.enumerated() where number % 2 == 1 {
            #expect(try Answer(client.readResponse()).json["id"] == .string("\(number)"))
        }
        #expect(Set(stack.reads.map(MLTraining.id)) == Set(stride(from: 1, to: 20, by: 2).map(String.init)))
        #expect(stack.signIns.count == 1)
        try stack.stop()
    }

    @Test(arguments: [1, 2])
    func aStopAnswersThoseThatWait(workers: Int) throws {
        let stack = try SignInStack(["--viam-auth", "client-key", "--shutdown-grace", "0.3"], workers: workers)
        _ = stack.hold(0)
        let clients = try (0..<10).map { _ in try stack.gateway.client() }
        for client in clients { try client.sendRequest("GET", "/v1/jobs/a", headers: SignInStack.basic()) }
        stack.waitForSignIns(1)
        stack.gateway.process.signal(SIGTERM)
        for client in clients {
            let answer = try Answer(client.readResponse())
            #expect(answer.status == 503)
            #expect(answer.headers["connection"]?.lowercased() == "close")
        }
        #expect(try stack.gateway.process.waitForExit(timeout: .seconds(5)) == .code(0))
        #expect(stack.gateway.process.lines(.error).isEmpty)
        stack.upstream.stop()
    }

    @Test
    func withinTheGraceAWaitMayStillEndWell() async throws {
        let stack = try SignInStack()
        let gate = stack.hold(0)
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/jobs/a", headers: SignInStack.basic())
        stack.waitForSignIns(1)
        stack.gateway.process.signal(SIGTERM)
        try await eventually("new connections are refused") { (try? stack.gateway.client()) == nil }
        gate.open()
        #expect(try client.readResponse().status == 200)
        #expect(try stack.gateway.process.waitForExit(timeout: .seconds(5)) == .code(0))
        stack.upstream.stop()
    }
}
