import GatewayTesting
import Glibc
import Testing

/// `/config`, and that no page and no log has a secret.
@Suite
struct AdminPagesTests {
    @Test
    func theConfigurationIsToldWithItsOrigins() throws {
        let folder = try TemporaryFolder()
        try FileBytes.write(Array("deadline: 7\nauto-map: true\n".utf8), to: folder.path + "/c.yaml")
        let watched = try WatchedStack(["--config", folder.path + "/c.yaml", "--log-level", "error"])
        let answer = try Answer(watched.page("/config"))
        #expect(answer.status == 200)
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.json["deadline"]["value"] == "7")
        #expect(answer.json["deadline"]["from"] == .string("\(folder.path)/c.yaml:1:11"))
        #expect(answer.json["auto-map"]["value"] == true)
        #expect(answer.json["log-level"] == ["value": "error", "from": "command line"])
        #expect(answer.json["max-deadline"] == ["value": "300", "from": "default"])
        #expect(answer.json["upstream"]["value"] == [.string("http://\(watched.stack.upstream.address)")])
        #expect(answer.json["upstream-ca"] == ["value": nil, "from": "default"])
        #expect(answer.json["json-omit-defaults"]["value"] == false)
        try watched.stop()
    }

    @Test
    func answersHaveAnID() throws {
        let watched = try WatchedStack()
        for target in ["/healthz", "/readyz", "/metrics", "/config", "/nope"] {
            let client = try RawHTTPClient(address: watched.admin)
            #expect(try client.get(target)["x-request-id"]?.utf8.count == 32, "\(target)")
            #expect(try client.get(target, headers: ["X-Request-Id": "mine"])["x-request-id"] == "mine", "\(target)")
        }
        try watched.stop()
    }

    @Test
    func nothingTellsASecret() async throws {
        let folder = try TemporaryFolder()
        try FileBytes.write(Array(SignInStack.id.utf8), to: folder.path + "/id")
        try FileBytes.write(Array(SignInStack.secret.utf8), to: folder.path + "/key")
        try FileBytes.write(Array("client-token-of-ours\n".utf8), to: folder.path + "/tokens")
        let modes = [
            ["--viam-auth", "client-key"],
            [
                "--viam-auth", "service-key", "--viam-api-key-id-file", folder.path + "/id", "--viam-api-key-file",
                folder.path + "/key", "--client-tokens", folder.path + "/tokens",
            ],
        ]
        for mode in modes {
            let stack = try SignInStack(
                mode + ["--admin-listen", "127.0.0.1:0", "--access-log", "json", "--log-level", "trace"]
            )
            let admin = try stack.gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
            let own: HeaderList = ["Authorization": "Bearer client-token-of-ours"]
            let headers = mode.contains("client-key") ? SignInStack.basic() : own
            #expect(try stack.get(headers).status == 200)
            #expect(try stack.get(SignInStack.basic("x", SignInStack.secret)).status != 0)
            stack.revokeAll()
            #expect(try stack.get(headers).status == 200)
            stack.answerAuthenticate(with: .status(16, "no such key: \(SignInStack.secret)"))
            stack.revokeAll()
            _ = try stack.get(headers)
            var pages = ""
            for target in ["/config", "/metrics", "/readyz"] {
                pages += try RawHTTPClient(address: admin).get(target).text
            }
            #expect(pages.contains(#"mltraining_gateway_sign_ins_total{result="ok"}"#))
            #expect(pages.contains(#"phase_duration_seconds_count{phase="signin"}"#))
            stack.expectNoSecret(pages)
            #expect(!pages.contains("client-token-of-ours"))
            try stack.stop()
            #expect(!stack.gateway.process.transcript.contains("client-token-of-ours"))
            #expect(stack.gateway.process.transcript.contains("debug: signed in"))
        }
    }
}
