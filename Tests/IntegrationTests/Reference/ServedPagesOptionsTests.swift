import GatewayTesting
import Testing

/// What options make of `/openapi.json`, `/openapi.yaml` and `/docs`.
@Suite
struct ServedPagesOptionsTests {
    private static let paths = ["/openapi.json", "/openapi.yaml", "/docs"]

    @Test
    func withoutThem() throws {
        let stack = try ScriptedStack(["--no-docs"])
        for path in Self.paths {
            for method in ["GET", "OPTIONS", "POST"] {
                let answer = try Answer(stack.gateway.client().request(method, path))
                #expect(answer.status == 404)
                #expect(answer.detail("ErrorInfo")["reason"] == "ROUTE_NOT_FOUND")
            }
        }
        try stack.stop()
    }

    @Test
    func belowABasePath() throws {
        let stack = try ScriptedStack(["--base-path", "/training"])
        for path in Self.paths {
            #expect(try stack.gateway.client().get("/training\(path)").status == 200)
            #expect(try stack.gateway.client().get(path).status == 404)
        }
        let document = try stack.gateway.get("/training/openapi.json").json
        #expect(document["servers"][0]["url"] == "/training")
        try stack.stop()
    }

    @Test
    func withAPublicURL() throws {
        let stack = try ScriptedStack(["--public-url", "https://ml.example.com", "--base-path", "/training"])
        let document = try stack.gateway.get("/training/openapi.json").json
        #expect(document["servers"][0]["url"] == "https://ml.example.com/training")
        try stack.stop()
        let check = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["check", "--public-url", "ml.example.com"]
        )
        check.closeInput()
        #expect(try check.waitForExit() == .code(1))
        #expect(check.transcript.contains("--public-url ml.example.com is not http:// or https:// with a host"))
    }

    @Test
    func withoutCompression() throws {
        let stack = try ScriptedStack(["--no-compression"])
        for path in Self.paths {
            let answer = try stack.gateway.client().get(path, headers: ["Accept-Encoding": "gzip"])
            #expect(answer["content-encoding"] == nil && answer["vary"] == nil)
            #expect(answer["etag"]?.hasPrefix("\"") == true)
        }
        try stack.stop()
    }

    /// Nobody has to sign in to read what the API is, however they have to for its calls.
    @Test
    func withoutSigningIn() throws {
        let stack = try ScriptedStack(["--viam-auth", "client-key"])
        #expect(try stack.gateway.get("/v1/jobs/a").status == 401)
        for path in Self.paths { #expect(try stack.gateway.client().get(path).status == 200) }
        let document = try stack.gateway.get("/openapi.json").json
        #expect(document["components"]["securitySchemes"].names.contains("bearer"))
        try stack.stop()
    }

    @Test
    func limitsCountThem() throws {
        let stack = try ScriptedStack(["--rate-limit", "0.01", "--rate-limit-burst", "2"])
        let client = try stack.gateway.client()
        #expect(try client.get("/docs").status == 200)
        #expect(try client.get("/openapi.json").status == 200)
        let refused = try client.get("/docs")
        #expect(refused.status == 429)
        #expect(refused["retry-after"] != nil)
        try stack.stop()
    }

    @Test
    func routesOfTheAPIWin() throws {
        let folder = try TemporaryFolder()
        let rules = """
            type: google.api.Service
            config_version: 3
            http:
              rules:
              - selector: \(MLTraining.service.dropFirst()).GetTrainingJob
                get: /docs
                additional_bindings:
                - post: /openapi.json
                  body: "*"
            """
        try FileBytes.write(Array(rules.utf8), to: "\(folder.path)/rules.yaml")
        let stack = try ScriptedStack(["--http-rules", "\(folder.path)/rules.yaml"])
        let job = try stack.gateway.get("/docs?id=0")
        #expect(job.status == 200)
        #expect(job.headers["content-type"] == "application/json")
        #expect(stack.upstream.requests.count == 1)
        // The API knows this path, if not by this method.
        let answer = try Answer(stack.gateway.client().request("GET", "/openapi.json"))
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "OPTIONS, POST")
        #expect(try stack.gateway.client().get("/openapi.yaml").status == 200)
        try stack.stop()
    }

    @Test
    func aReloadMakesThemAnew() async throws {
        let stack = try ReloadStack("json-omit-defaults: false")
        let before = try stack.gateway.client().get("/openapi.json")
        try stack.configure("public-url: https://ml.example.com")
        try await stack.reload()
        let headers: HeaderList = try ["If-None-Match": #require(before["etag"])]
        let after = try stack.gateway.client().get("/openapi.json", headers: headers)
        #expect(after.status == 200)
        #expect(after.text.contains("https://ml.example.com"))
        try stack.configure("docs: false")
        try await stack.reload()
        #expect(try stack.gateway.client().get("/openapi.json").status == 404)
        try stack.configure("docs: true")
        try await stack.reload()
        #expect(try stack.gateway.client().get("/openapi.json", headers: headers).status == 304)
        try stack.stop()
    }

    @Test
    func theyAreCountedAndLogged() async throws {
        let stack = try WatchedStack(["--access-log", "json"])
        let client = try stack.stack.gateway.client()
        for _ in 0..<2 { _ = try client.get("/docs") }
        _ = try client.request("POST", "/openapi.json")
        _ = try client.request("OPTIONS", "/docs")
        let lines = try await stack.log(4)
        #expect(lines.map { $0["route"] } == ["/docs", "/docs", "/openapi.json", .null])
        #expect(lines.map { $0["status"] } == [200, 200, 405, 204])
        #expect(lines.allSatisfy { $0["grpc_method"] == .null && $0["request_id"].text?.isEmpty == false })
        let metrics = try stack.metrics()
        #expect(metrics.values.keys.contains { $0.contains("route=\"/docs\"") && $0.contains("method=\"GET\"") })
        try stack.stop()
    }
}
