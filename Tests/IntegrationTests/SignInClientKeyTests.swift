import GatewayTesting
import Glibc
import Testing

/// `--viam-auth client-key`: clients send API keys, and the gateway signs in with them.
@Suite
struct SignInClientKeyTests {
    @Test
    func bothFormsOfAKeyAreOneCaller() throws {
        let stack = try SignInStack()
        for headers in [SignInStack.basic(), SignInStack.fields(), SignInStack.basic() + SignInStack.fields()] {
            let answer = try stack.get(headers)
            #expect(answer.status == 200)
            #expect(answer.json["id"] == "a")
        }
        #expect(stack.signIns.count == 1)
        let signIn = try #require(stack.signIns.first)
        let expected = ProtobufFixture.message { request in
            request.string(1, SignInStack.id)
            request.message(2) { credentials in
                credentials.string(1, "api-key")
                credentials.string(2, SignInStack.secret)
            }
        }
        #expect(signIn.messages == [expected])
        #expect(signIn.headers["authorization"] == nil)
        #expect(stack.reads.count == 3)
        for request in stack.upstream.requests {
            #expect(request.headers.values("viam_client") == ["mltraining-gateway;v0.1.0;v1.0.0"])
            #expect(!request.headers.fields.contains { $0.name.hasPrefix("x-viam") })
        }
        for read in stack.reads {
            #expect(read.headers.values("authorization") == ["Bearer \(stack.tokens[0])"])
            stack.expectNoSecret(read.headers.fields.filter { $0.name != "authorization" }.description)
        }
        try stack.stop()
    }

    @Test
    func eachKeyHasItsToken() throws {
        let stack = try SignInStack(workers: 2)
        let keys = [("a", "b:c"), ("a", "b"), ("a:b", "c"), ("é", "ü"), (SignInStack.id, SignInStack.secret)]
        for (id, secret) in keys + keys { #expect(try stack.get(SignInStack.fields(id, secret)).status == 200) }
        #expect(stack.signIns.count == keys.count)
        #expect(Set(stack.reads.compactMap { $0.headers["authorization"] }).count == keys.count)
        try stack.stop()
    }

    @Test
    func aTokenGoesAlongAsItIs() throws {
        let stack = try SignInStack()
        let answer = try stack.get([
            "authorization": "bearer own-token", "Grpc-Metadata-Viam_Client": "mine;v1;v2",
        ])
        // The upstream has not given it out.
        #expect(answer.status == 401)
        #expect(stack.signIns.isEmpty)
        #expect(stack.reads.count == 1)
        #expect(stack.reads.first?.headers.values("authorization") == ["bearer own-token"])
        #expect(stack.reads.first?.headers.values("viam_client") == ["mine;v1;v2"])
        // Either kind of credential would do.
        let challenge = #"Basic realm="Viam API key", charset="UTF-8", Bearer realm="Viam""#
        #expect(answer.headers.values("www-authenticate") == [challenge])
        #expect(answer.error["message"] == "no entry")
        try stack.stop()
    }

    @Test(
        arguments: [
            ([:], "API_KEY_MISSING"), (["Authorization": "Digest x"], "API_KEY_MALFORMED"),
            (["Authorization": ""], "API_KEY_MALFORMED"), (["Authorization": "Basic"], "API_KEY_MALFORMED"),
            (["Authorization": "Basic !"], "API_KEY_MALFORMED"), (["Authorization": "Bearer "], "API_KEY_MALFORMED"),
            (["Authorization": "Basic \(Base64.encode(Array("nocolon".utf8)))"], "API_KEY_MALFORMED"),
            (["X-Viam-Api-Key": SignInStack.secret], "API_KEY_MALFORMED"),
            (["X-Viam-Api-Key-Id": SignInStack.id], "API_KEY_MALFORMED"),
            (SignInStack.fields("", SignInStack.secret), "API_KEY_MALFORMED"),
            (SignInStack.basic(SignInStack.id, ""), "API_KEY_MALFORMED"),
            (SignInStack.fields() + ["Connection": "X-Viam-Api-Key, X-Viam-Api-Key-Id"], "API_KEY_MISSING"),
        ] as [(HeaderList, String)]
    )
    func withoutAKeyItIs401(headers: HeaderList, reason: String) throws {
        let stack = try SignInStack()
        // Strangers are told nothing about their bodies.
        for answer in [try stack.get(headers), try stack.gateway.post("/v1/jobs", json: "[", headers: headers)] {
            #expect(answer.status == 401)
            #expect(answer.error["status"] == "UNAUTHENTICATED")
            #expect(answer.detail("ErrorInfo")["reason"] == .string(reason))
            let challenge = #"Basic realm="Viam API key", charset="UTF-8""#
            #expect(answer.headers.values("www-authenticate") == [challenge])
            stack.expectNoSecret("\(answer)")
        }
        #expect(stack.upstream.requests.isEmpty)
        try stack.stop()
    }

    @Test(
        arguments: [
            SignInStack.basic() + SignInStack.fields("other"),
            SignInStack.basic() + SignInStack.fields(SignInStack.id, "x"),
            ["Authorization": "Bearer t"] + SignInStack.fields(), SignInStack.basic() + SignInStack.basic(),
            SignInStack.fields() + ["X-Viam-Api-Key": SignInStack.secret],
        ] as [HeaderList]
    )
    func contradictionsAre400(headers: HeaderList) throws {
        let stack = try SignInStack()
        let answer = try stack.get(headers)
        #expect(answer.status == 400)
        stack.expectNoSecret("\(answer)")
        #expect(stack.upstream.requests.isEmpty)
        try stack.stop()
    }

    @Test
    func aBadRequestIsNoReasonToSignIn() throws {
        let stack = try SignInStack()
        #expect(try stack.gateway.get("/v1/nothing", headers: SignInStack.basic()).status == 404)
        #expect(try stack.get(SignInStack.basic() + ["Grpc-Timeout": "soon"]).status == 400)
        #expect(stack.upstream.requests.isEmpty)
        // A body is looked at when it can be sent.
        for _ in 0..<2 {
            #expect(try stack.gateway.post("/v1/jobs", json: "[", headers: SignInStack.basic()).status == 400)
        }
        #expect(stack.upstream.requests.count == 1)
        try stack.stop()
    }

    // MARK: - One sign-in for many

    @Test(arguments: [1, 2])
    func manyFirstRequestsSignInOnce(workers: Int) throws {
        let stack = try SignInStack(workers: workers)
        let gate = stack.hold(0)
        let clients = try (0..<100).map { _ in try stack.gateway.client() }
        for (number, client) in clients.enumerated() {
            try client.sendRequest("GET", "/v1/jobs/\(number)", headers: SignInStack.basic())
        }
        stack.waitForSignIns(1)
        gate.open()
        for (number, client) in clients.enumerated() {
            let answer = try Answer(client.readResponse())
            #expect(answer.status == 200)
            #expect(answer.json["id"] == .string("\(number)"))
        }
        #expect(stack.signIns.count == 1)
        #expect(stack.reads.count == 100)
        try stack.stop()
    }

    @Test(arguments: [1, 2])
    func manyRefusedCallsSignInOnce(workers: Int) throws {
        let stack = try SignInStack(workers: workers)
        let clients = try (0..<50).map { _ in try stack.gateway.client() }
        for client in clients { #expect(try client.get("/v1/jobs/a", headers: SignInStack.basic()).status == 200) }
        stack.revokeAll()
        let gate = stack.hold(1)
        for client in clients { try client.sendRequest("GET", "/v1/jobs/b", headers: SignInStack.basic()) }
        stack.waitForSignIns(2)
        gate.open()
        for client in clients { #expect(try client.readResponse().status == 200) }
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }

    // MARK: - Tokens that end

    @Test
    func aTokenIsRenewedBeforeItExpires() async throws {
        let stack = try SignInStack()
        stack.setLifetime(6)
        let gate = stack.hold(1)
        // From 5.4 s on, while the first one still serves.
        try await eventually("the token is renewed", within: .seconds(12), every: .milliseconds(20)) {
            let status = try stack.get().status
            #expect(status == 200)
            return stack.signIns.count == 2
        }
        // Nobody has waited for it.
        #expect(Set(stack.reads.map { $0.headers["authorization"] }) == ["Bearer \(stack.tokens[0])"])
        gate.open()
        try await eventually("the new token is used", every: .milliseconds(20)) {
            let status = try stack.get().status
            #expect(status == 200)
            return stack.reads.last?.headers["authorization"] == "Bearer \(stack.tokens[1])"
        }
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }

    @Test
    func aTokenThatHasExpiredIsNotUsed() async throws {
        let stack = try SignInStack()
        stack.setLifetime(0.5)
        #expect(try stack.get().status == 200)
        let given = MonotonicTime.now
        try await eventually("the token has expired") { MonotonicTime.now > given.advanced(by: .milliseconds(600)) }
        #expect(try stack.get().status == 200)
        #expect(stack.signIns.count == 2)
        #expect(stack.reads.map { $0.headers["authorization"] } == stack.tokens.map { "Bearer \($0)" })
        try stack.stop()
    }

    @Test
    func aTokenThatComesExpiredServesForAMoment() throws {
        let stack = try SignInStack()
        stack.setLifetime(-100)
        for _ in 0..<3 { #expect(try stack.get().status == 200) }
        #expect(stack.signIns.count == 1)
        #expect(stack.reads.count == 3)
        try stack.stop()
    }

    // MARK: - UNAUTHENTICATED

    @Test
    func aRefusedTokenIsReplacedAndTheCallRepeated() throws {
        let stack = try SignInStack()
        let submit = { try stack.gateway.post("/v1/jobs", headers: SignInStack.basic() + ["Grpc-Timeout": "7S"]) }
        #expect(try submit().status == 200)
        stack.revokeAll()
        #expect(try submit().status == 200)
        #expect(stack.signIns.count == 2)
        let calls = stack.upstream.requests(for: MLTraining.submit)
        #expect(calls.count == 3)
        #expect(calls[1].headers["x-request-id"] == calls[2].headers["x-request-id"])
        #expect(calls[1].messages == calls[2].messages)
        #expect(calls.map { $0.headers["authorization"] } == [0, 0, 1].map { "Bearer \(stack.tokens[$0])" })
        let timeouts = calls.dropFirst().compactMap { $0.timeout?.dropLast() }.compactMap { Int($0) }
        #expect(timeouts[1] <= timeouts[0])
        try stack.stop()
    }

    @Test
    func theSecondRefusalIsTheClients() throws {
        let stack = try SignInStack()
        stack.upstream.on(MLTraining.getJob, .status(16, "never"))
        let answer = try stack.get()
        #expect(answer.status == 401)
        #expect(answer.detail("ErrorInfo")["reason"] == "TOKEN_REFUSED")
        #expect(!"\(answer)".contains("never"))
        #expect(answer.headers["www-authenticate"]?.hasPrefix("Basic ") == true)
        #expect(stack.signIns.count == 2)
        #expect(stack.reads.count == 2)
        #expect(answer.headers["x-request-id"] == stack.reads[0].headers["x-request-id"])
        try stack.stop()
    }

    @Test
    func aCallThatWasLetInIsNotRepeated() throws {
        let stack = try SignInStack()
        stack.upstream.on(MLTraining.getJob, [.grpcHeaders(), .message(MLTraining.job(id: "a")), .grpcTrailers(16)])
        #expect(try stack.get().status == 401)
        #expect(stack.signIns.count == 1)
        #expect(stack.reads.count == 1)
        try stack.stop()
    }

    @Test
    func aStreamIsRepeatedToo() throws {
        let stack = try SignInStack(["--viam-auth", "client-key", "--descriptor-set", FeedStack.descriptorSet])
        let event = ProtobufFixture.message { $0.string(1, "e1") }
        stack.upstream.on(
            "/feed.v1.Feed/Watch",
            .status(16, "again"),
            [.grpcHeaders(), .message(event), .grpcTrailers()]
        )
        let answer = try stack.gateway.client().get("/v1/events?topic=t", headers: SignInStack.basic())
        #expect(answer.status == 200)
        #expect(answer.text == "{\"id\":\"e1\"}\n")
        #expect(stack.signIns.count == 2)
        try stack.stop()
    }
}
