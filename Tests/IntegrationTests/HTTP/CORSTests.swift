import GatewayTesting
import Testing

/// What web pages of other origins may do (Fetch, "CORS protocol").
@Suite
struct CORSTests {
    private static let page = "https://app.example.com"
    private static let exposed =
        "ETag, Location, Preference-Applied, Retry-After, Server-Timing, X-Request-Id, x-quota"

    private func names(_ value: String?) -> Set<String> {
        Set((value ?? "").split(separator: ",").map { $0.filter { $0 != " " } })
    }

    private func preflight(_ origin: String, _ method: String, _ requested: String? = nil) -> HeaderList {
        let headers: HeaderList = ["Origin": origin, "Access-Control-Request-Method": method]
        return headers + (requested.map { ["Access-Control-Request-Headers": $0] } ?? [:])
    }

    @Test
    func aPreflightTellsWhatIsAllowed() throws {
        let stack = try ScriptedStack(["--cors-origin", CORSTests.page, "--cors-origin", "https://*.example.org"])
        for origin in [CORSTests.page, "https://a.example.org"] {
            let client = try stack.gateway.client()
            let answer = try client.request(
                "OPTIONS",
                "/v1/jobs/a",
                headers: preflight(origin, "DELETE", "authorization,content-type,grpc-metadata-x-team,x-forwarded-for")
            )
            #expect(answer.status == 204)
            #expect(answer.headers.values("access-control-allow-origin") == [origin])
            #expect(answer["access-control-allow-methods"] == "DELETE, GET, HEAD, OPTIONS")
            #expect(answer["access-control-allow-headers"] == "authorization, content-type, grpc-metadata-x-team")
            #expect(answer["access-control-max-age"] == "600")
            #expect(answer["access-control-allow-credentials"] == nil)
            #expect(
                names(answer["vary"]) == ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]
            )
            #expect(answer["content-length"] == nil)
            #expect(try client.get("/v1/jobs/a", headers: ["Origin": origin]).status == 200)
        }
        let plain = try stack.gateway.client().request(
            "OPTIONS",
            "/v1/jobs/a",
            headers: preflight(CORSTests.page, "PUT")
        )
        // The browser compares; the path does not take PUT.
        #expect(plain.status == 204)
        #expect(plain["access-control-allow-methods"] == "DELETE, GET, HEAD, OPTIONS")
        #expect(plain["access-control-allow-headers"] == nil)
        let unknown = try stack.gateway.client().request("OPTIONS", "/nope", headers: preflight(CORSTests.page, "GET"))
        #expect(unknown.status == 404)
        #expect(unknown["access-control-allow-origin"] == CORSTests.page)
        #expect(stack.upstream.requests.count == 2)
        try stack.stop()
    }

    @Test(arguments: [
        "https://evil.example.com", "https://example.org", "https://app.example.com.evil.net", "null",
        "http://app.example.com", "https://app.example.com:8443", "https://APP.example.com", "",
    ])
    func anotherOriginGetsNothing(origin: String) throws {
        let stack = try ScriptedStack(["--cors-origin", CORSTests.page, "--cors-origin", "https://*.example.org"])
        let client = try stack.gateway.client()
        let preflight = try client.request(
            "OPTIONS",
            "/v1/jobs/a",
            headers: preflight(origin, "DELETE", "content-type")
        )
        let actual = try client.get("/v1/jobs/a", headers: ["Origin": origin])
        let error = try client.get("/nope", headers: ["Origin": origin])
        for answer in [preflight, actual, error] {
            #expect(!answer.headers.fields.contains { $0.name.lowercased().hasPrefix("access-control-") })
            #expect(names(answer["vary"]).contains("Origin"))
        }
        #expect(actual.status == 200)
        try stack.stop()
    }

    @Test
    func everyAnswerLetsThePageSeeIt() throws {
        let stack = try FeedStack([
            "--cors-origin", CORSTests.page, "--cors-credentials", "--expose-metadata", "x-quota", "--cors-max-age",
            "5",
        ])
        stack.on("GetFile", .answer(FeedStack.httpBody("image/png", [1, 2, 3])))
        stack.on("Watch", .answer(FeedStack.event("1")))
        stack.on("ListWide", .answer([]))
        let client = try stack.gateway.client()
        let tag = try #require(try client.get("/v1/bursts:list")["etag"])
        let requests: [(String, String, HeaderList, Int)] = [
            ("GET", "/v1/bursts:list", [:], 200), ("GET", "/v1/bursts:list", ["If-None-Match": tag], 304),
            ("HEAD", "/v1/bursts:list", [:], 200), ("GET", "/v1/files/a", [:], 200),
            ("GET", "/v1/events?topic=t", ["Accept": "text/event-stream"], 200), ("GET", "/nope", [:], 404),
            ("PATCH", "/v1/files/a", [:], 405), ("GET", "/v1/events", ["Accept": "image/png"], 406),
            ("GET", "/v1/bursts:list?x=1", [:], 400), ("OPTIONS", "/v1/files/a", [:], 204),
        ]
        for (method, target, headers, status) in requests {
            let answer = try client.request(method, target, headers: headers + ["Origin": CORSTests.page])
            #expect(answer.status == status, "\(method) \(target)")
            #expect(answer.headers.values("access-control-allow-origin") == [CORSTests.page], "\(method) \(target)")
            #expect(answer.headers.values("access-control-allow-credentials") == ["true"])
            #expect(answer.headers.values("access-control-expose-headers") == [CORSTests.exposed])
            #expect(answer.headers.values("vary").count == 1)
            #expect(names(answer["vary"]).contains("Origin"))
            let alone = try client.request(method, target, headers: headers)
            #expect(alone["access-control-allow-origin"] == nil)
            #expect(names(alone["vary"]).contains("Origin"), "\(method) \(target)")
        }
        let preflight = try client.request("OPTIONS", "/v1/files/a", headers: preflight(CORSTests.page, "PUT"))
        #expect(preflight["access-control-max-age"] == "5")
        #expect(preflight.headers.values("access-control-allow-credentials") == ["true"])
        #expect(preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS, PUT")
        try stack.stop()
    }

    @Test
    func anyOrigin() throws {
        let stack = try ScriptedStack(["--cors-origin", "*"])
        let client = try stack.gateway.client()
        for headers: HeaderList in [["Origin": "https://any.example"], ["Origin": "null"], [:]] {
            let answer = try client.get("/v1/jobs/a", headers: headers)
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer["access-control-allow-credentials"] == nil)
            #expect(!names(answer["vary"]).contains("Origin"))
        }
        let preflight = try client.request(
            "OPTIONS",
            "/v1/jobs",
            headers: preflight("https://any.example", "POST", "content-type")
        )
        #expect(preflight.status == 204)
        #expect(preflight["access-control-allow-origin"] == "*")
        #expect(preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST")
        #expect(!names(preflight["vary"]).contains("Origin"))
        try stack.stop()
    }

    /// Nobody but the browser asks a preflight, and it has no credentials to ask with.
    @Test
    func aPreflightNeedsNoCredentials() throws {
        let stack = try ScriptedStack(["--cors-origin", CORSTests.page, "--viam-auth", "client-key"])
        let client = try stack.gateway.client()
        let answer = try client.request(
            "OPTIONS",
            "/v1/jobs",
            headers: preflight(CORSTests.page, "POST", "authorization")
        )
        #expect(answer.status == 204)
        #expect(answer["access-control-allow-headers"] == "authorization")
        let refused = try client.get("/v1/jobs/a", headers: ["Origin": CORSTests.page])
        #expect(refused.status == 401)
        #expect(refused["access-control-allow-origin"] == CORSTests.page)
        #expect(stack.upstream.requests.isEmpty)
        try stack.stop()
    }

    /// The request's header, the metadata of the answer and what CORS says share one block of memory.
    @Test
    func theLargestHeaderStillFits() throws {
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob) { _ in
            let quota: HeaderList = ["x-quota": String(repeating: "q", count: 980)]
            return [.grpcHeaders(quota), .message(MLTraining.job(id: "a")), .grpcTrailers()]
        }
        let gateway = try GatewayProcess(
            upstream,
            ["--cors-origin", "https://*.example.com", "--cors-credentials", "--expose-metadata", "x-quota"]
        )
        let origin = "https://" + String(repeating: "a", count: 240) + ".example.com"
        let id = String(repeating: "i", count: 128)
        var statuses: Set<Int> = []
        for padding in stride(from: 13_200, through: 14_200, by: 50) {
            let answer = try gateway.client().get(
                "/v1/jobs/a",
                headers: ["Origin": origin, "X-Request-Id": id, "X-Padding": String(repeating: "x", count: padding)]
            )
            statuses.insert(answer.status)
            #expect(answer["access-control-allow-origin"] == origin, "\(padding): \(answer.status)")
            #expect(answer.status == 431 || answer["x-quota"]?.utf8.count == 980)
        }
        #expect(statuses == [200, 431])
        try gateway.stop()
        upstream.stop()
    }

    @Test(arguments: [
        ["--cors-origin", "*", "--cors-credentials"], ["--cors-origin", "https://a.example/"],
        ["--cors-origin", "a.example"], ["--cors-origin", "null"],
        ["--cors-origin", "https://a.example", "--cors-max-age", "-1"],
        ["--cors-credentials"],
    ])
    func aWrongPolicyIsRefusedAtTheStart(arguments: [String]) throws {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), ["serve"] + arguments)
        #expect(try process.waitForExit() == .code(64))
        #expect(process.lines(.error).first?.hasPrefix("Error: ") == true, "\(process.transcript)")
    }
}
