import GatewayTesting
import Glibc
import Testing

/// SIGHUP: certificates, tokens and keys are read anew.
@Suite
struct ReloadSecretsTests {
    /// An upstream that gives everyone a token and lets everyone in.
    private func openUpstream() throws -> ScriptedUpstream {
        let upstream = try ScriptedUpstream()
        upstream.on(SignInStack.authenticate) { request in
            SignInStack.answer(SignInStack.token("\(request.ordinal)", lifetime: nil))
        }
        return upstream
    }

    /// The key that the upstream was asked to sign in with, by request.
    private func keys(_ upstream: ScriptedUpstream) -> [String] {
        upstream.requests(for: SignInStack.authenticate).map { request in
            String(decoding: request.messages.first ?? [], as: UTF8.self)
        }
    }

    @Test(arguments: [1, 2])
    func aRemovedTokenIsRefusedAtOnce(workers: Int) async throws {
        let folder = try TemporaryFolder()
        let tokens = "\(folder.path)/tokens"
        try FileBytes.write(Array("alpha\nbeta\n".utf8), to: tokens)
        let stack = try ReloadStack(
            workers: workers,
            "viam-auth: service-key\nclient-tokens: \(tokens)",
            upstream: openUpstream(),
            environment: ["VIAM_API_KEY_ID": SignInStack.id, "VIAM_API_KEY": SignInStack.secret]
        )
        let clients = try (0..<8).map { _ in try stack.gateway.client() }
        let status = { (client: RawHTTPClient, token: String) in
            try client.get("/v1/jobs/1", headers: ["Authorization": "Bearer \(token)"]).status
        }
        for client in clients {
            #expect(try status(client, "alpha") == 200)
            #expect(try status(client, "beta") == 200)
            #expect(try status(client, "gamma") == 401)
        }
        try FileBytes.write(Array("beta\ngamma\n".utf8), to: tokens)
        try await stack.reload()
        for client in clients {
            #expect(try status(client, "alpha") == 401)
            #expect(try status(client, "beta") == 200)
            #expect(try status(client, "gamma") == 200)
        }
        // A file that is not good leaves the tokens as they are.
        try FileBytes.write(Array("no token\n".utf8), to: tokens)
        #expect(try await stack.reloadInVain().first?.contains("\(tokens):1: not a token") == true)
        #expect(try status(clients[0], "gamma") == 200)
        // The key from the environment has outlived it all, and its token has gone on serving.
        #expect(keys(stack.upstream).count == 1)
        #expect(!stack.gateway.process.transcript.contains(SignInStack.secret))
        try stack.stop()
    }

    @Test
    func theKeyOfTheEnvironmentCanBeTurnedTo() async throws {
        let stack = try ReloadStack(
            upstream: openUpstream(),
            environment: ["VIAM_API_KEY_ID": SignInStack.id, "VIAM_API_KEY": SignInStack.secret]
        )
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        #expect(keys(stack.upstream).isEmpty)
        for round in 1...3 {
            try stack.configure("viam-auth: service-key\nallow-anonymous: true\nmax-body-bytes: \(round)")
            try await stack.reload()
            #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
            #expect(keys(stack.upstream).last?.contains(SignInStack.secret) == true)
            try stack.configure("viam-auth: passthrough")
            try await stack.reload()
            #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
            #expect(stack.upstream.requests.last?.headers["authorization"] == nil)
        }
        let environment = try FileBytes.read("/proc/\(stack.gateway.process.pid)/environ")
        #expect(!String(decoding: environment, as: UTF8.self).contains(SignInStack.secret))
        try stack.stop()
    }

    @Test
    func aNewKeySignsInAnew() async throws {
        let folder = try TemporaryFolder()
        let key = "\(folder.path)/key"
        try FileBytes.write(Array("first-key".utf8), to: key)
        let stack = try ReloadStack(
            workers: 2,
            "viam-auth: service-key\nviam-api-key-file: \(key)\nallow-anonymous: true",
            upstream: openUpstream(),
            environment: ["VIAM_API_KEY_ID": SignInStack.id]
        )
        for _ in 0..<10 { #expect(try stack.gateway.get("/v1/jobs/1").status == 200) }
        try await stack.reload()
        for _ in 0..<10 { #expect(try stack.gateway.get("/v1/jobs/1").status == 200) }
        // The same key: the token that there is will do.
        #expect(keys(stack.upstream).count == 1)
        try FileBytes.write(Array("second-key".utf8), to: key)
        try await stack.reload()
        for _ in 0..<10 { #expect(try stack.gateway.get("/v1/jobs/1").status == 200) }
        #expect(keys(stack.upstream).count == 2)
        #expect(keys(stack.upstream).last?.contains("second-key") == true)
        unlink(key)
        #expect(try await stack.reloadInVain().first?.contains("\(key): No such file") == true)
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        try stack.stop()
    }

    @Test
    func aNewAuthorityIsTrusted() async throws {
        let (old, new) = (try TestAuthority("Old CA"), try TestAuthority("New CA"))
        let upstream = try ScriptedUpstream()
        upstream.answerJobs()
        let fronts = try [old, new].map {
            try TLSFront(to: upstream, TLSFrontOptions($0.issue(names: [], addresses: [[127, 0, 0, 1]])))
        }
        let stack = try ReloadStack(upstream: upstream)
        let file = try stack.write(old.pem, to: "ca.pem")
        let settings = { (front: TLSFront) in "upstream: https://127.0.0.1:\(front.port)\nupstream-ca: \(file)" }
        try stack.configure(settings(fronts[0]), upstream: nil)
        try await stack.reload()
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        // The upstream has a certificate of another authority, whose file is yet to come.
        try stack.configure(settings(fronts[1]), upstream: nil)
        try await stack.reload()
        let answer = try stack.gateway.get("/v1/jobs/1")
        #expect(answer.status == 503)
        #expect(answer.error["message"].text?.contains("not signed by a trusted authority") == true)
        try stack.write(new.pem, to: "ca.pem")
        try await stack.reload()
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        // A file that is none changes nothing.
        try stack.write("nonsense", to: "ca.pem")
        #expect(try await stack.reloadInVain().first?.contains("no PEM certificates in it") == true)
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        try stack.stop()
        for front in fronts { front.stop() }
    }
}
