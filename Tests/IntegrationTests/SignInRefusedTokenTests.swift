import GatewayTesting
import Testing

/// Tokens that upstream lets in no more, and what clients get to see of them.
@Suite
struct SignInRefusedTokenTests {
    /// Each worker, whichever gets a request, knows of both revocations.
    @Test
    func aSecondRevocationIsSurvivedToo() async throws {
        let stack = try SignInStack(workers: 2)
        // Connections are spread over the workers.
        let clients = try (0..<8).map { _ in try stack.gateway.client() }
        func getAll() throws {
            for client in clients {
                #expect(try client.get("/v1/jobs/a", headers: SignInStack.basic()).status == 200)
            }
        }
        try getAll()
        stack.revokeAll()
        #expect(try clients[0].get("/v1/jobs/a", headers: SignInStack.basic()).status == 200)
        let renewed = MonotonicTime.now
        // Past the time in which a second refusal counts as the service's habit.
        try await eventually("the service restarts", within: .seconds(10)) {
            MonotonicTime.now > renewed.advanced(by: .milliseconds(5200))
        }
        stack.revokeAll()
        try getAll()
        #expect(stack.signIns.count == 3)
        try stack.stop()
    }

    /// A service that gives out tokens and lets none of them in is not asked for one by each request.
    @Test
    func signInsAreLimitedInRate() throws {
        let stack = try SignInStack()
        stack.upstream.on(MLTraining.getJob, .status(16, "never"))
        #expect(try stack.get().status == 401)
        let begin = MonotonicTime.now
        while MonotonicTime.now < begin.advanced(by: .milliseconds(500)) {
            let answer = try stack.get()
            #expect(answer.status == 401)
            #expect(answer.detail("ErrorInfo")["reason"] == "TOKEN_REFUSED")
            #expect(answer.headers["retry-after"] == "1")
        }
        #expect(stack.signIns.count == 2)
        #expect(stack.reads.count == 2)
        try stack.stop()
    }

    /// The stream's answer has begun by then, so that its call is not repeated.
    @Test
    func aTokenThatEndsAnOpenStreamIsDropped() throws {
        let stack = try SignInStack(["--viam-auth", "client-key", "--descriptor-set", FeedStack.descriptorSet])
        stack.upstream.on(
            "/feed.v1.Feed/Watch",
            [.delay(.milliseconds(1300))] + .status(16, "late"),
            [.grpcHeaders(), .grpcTrailers()]
        )
        let headers = SignInStack.basic() + ["Accept": "text/event-stream"]
        let answer = try stack.gateway.client().get("/v1/events?topic=t", headers: headers)
        #expect(answer.status == 200)
        #expect(answer.text.contains("event: error"))
        #expect(stack.signIns.count == 1)
        #expect(try stack.gateway.client().get("/v1/events?topic=t", headers: headers).status == 200)
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }

    @Test(arguments: [3, 5, 7, 9, 13, 16])
    func theGatewaysTokenIsNotShown(code: Int) throws {
        let arguments = ["--viam-auth", "client-key", "--expose-metadata", "x-echo", "--expose-metadata", "x-echo-bin"]
        let stack = try SignInStack(arguments)
        stack.upstream.on(MLTraining.getJob) { request in
            let text = "refused: \(request.headers["authorization"] ?? "")"
            let details = ProtobufFixture.status(code, text, details: [("google.rpc.DebugInfo", Array(text.utf8))])
            return .status(
                code,
                text,
                details: details,
                headers: ["x-echo": text, "x-echo-bin": Base64.encode(Array(text.utf8)), "x-echo": "harmless"]
            )
        }
        let response = try stack.gateway.client().get("/v1/jobs/a", headers: SignInStack.basic())
        #expect(response.status >= 400)
        stack.expectNoSecret("\(response.headers) \(response.text)")
        #expect(response.headers.values("x-echo") == ["harmless"])
        #expect(response.headers["x-echo-bin"] == nil)
        try stack.stop()
    }

    @Test
    func theGatewaysTokenIsNoMatterOfItsClients() throws {
        let folder = try TemporaryFolder()
        try FileBytes.write(Array("\u{FEFF}\(SignInStack.id)\n".utf8), to: folder.path + "/id")
        try FileBytes.write(Array(SignInStack.secret.utf8), to: folder.path + "/key")
        let stack = try SignInStack([
            "--viam-auth", "service-key", "--viam-api-key-id-file", folder.path + "/id", "--viam-api-key-file",
            folder.path + "/key",
        ])
        stack.upstream.on(MLTraining.getJob, .status(16, "never"))
        let answer = try stack.get([:])
        #expect(answer.status == 503)
        #expect(answer.error["status"] == "UNAVAILABLE")
        #expect(answer.detail("ErrorInfo")["reason"] == "SERVICE_TOKEN_REFUSED")
        #expect(answer.headers["www-authenticate"] == nil)
        #expect(stack.signIns.count == 2)
        // Without the byte order mark.
        #expect(stack.signIns.first?.messages.first?.starts(with: [0x0A, 36] + Array(SignInStack.id.utf8)) == true)
        try stack.stop()
    }

    // MARK: - Sign-ins that break off

    /// What happens to one sign-in is not what becomes of all that wait for it.
    @Test(arguments: [1, 2])
    func aSignInThatBreaksOffIsMadeOnceMore(workers: Int) throws {
        let stack = try SignInStack(workers: workers)
        let gate = stack.hold(0)
        stack.answerAuthenticate(with: [.reset(.cancel)], SignInStack.answer("token"))
        stack.upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: "a")))
        let clients = try (0..<30).map { _ in try stack.gateway.client() }
        for client in clients { try client.sendRequest("GET", "/v1/jobs/a", headers: SignInStack.basic()) }
        stack.waitForSignIns(1)
        gate.open()
        for client in clients { #expect(try client.readResponse().status == 200) }
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }

    @Test
    func aSignInThatBreaksOffTwiceIsNotMadeAgain() throws {
        let stack = try SignInStack()
        stack.answerAuthenticate(with: [.reset(.cancel)])
        for _ in 0..<10 {
            let answer = try stack.get()
            #expect(answer.status == 503)
            #expect(answer.detail("ErrorInfo")["reason"] == "SIGN_IN_FAILED")
        }
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }
}
