import Bytes
import Compression
import GatewayTesting
import Testing

/// `/openapi.json`, `/openapi.yaml` and `/docs` as clients get them.
@Suite(.sharedScriptedStack("--cors-origin", "https://app.example.com", "--max-body-bytes", "1000"))
struct ServedPagesTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    static let pages = [
        ("/openapi.json", "application/json"), ("/openapi.yaml", "application/yaml"),
        ("/docs", "text/html; charset=utf-8"),
    ]

    private func gunzip(_ content: [UInt8]) throws -> [UInt8] {
        let decoder = try #require(GzipDecoder())
        var output = ByteBuffer()
        try content.withUnsafeBytes { try decoder.decode($0, limit: 1 << 24, into: &output) }
        return Array(output.bytes)
    }

    @Test(arguments: pages)
    func aGet(path: String, type: String) throws {
        let client = try stack.gateway.client()
        let before = stack.upstream.requests.count
        let answer = try client.get(path)
        #expect(answer.status == 200)
        #expect(answer["content-type"] == type)
        #expect(answer["cache-control"] == "public, no-cache")
        #expect(answer["vary"] == "Accept-Encoding, Origin")
        #expect(answer["x-content-type-options"] == "nosniff")
        #expect(answer["x-request-id"]?.utf8.count == 32)
        #expect(answer["content-encoding"] == nil)
        #expect(answer["etag"]?.utf8.count == 34)
        #expect(answer["location"] == nil && answer["access-control-allow-origin"] == nil)
        #expect(answer.body.count > 10_000)
        #expect(try client.get("\(path)/").body == answer.body)
        #expect(try client.get("\(path)?a=%").body == answer.body)
        #expect(try client.get("http://other.example\(path)").body == answer.body)
        // Whatever it is that somebody wants, this is what there is.
        #expect(try client.get(path, headers: ["Accept": "image/png"]).body == answer.body)
        #expect(try client.request("GET", path, body: [1, 2, 3]).body == answer.body)
        #expect(stack.upstream.requests.count == before)
    }

    @Test
    func theDocumentIsWhatTheCommandPrints() throws {
        for (path, format) in [("/openapi.json", "json"), ("/openapi.yaml", "yaml")] {
            let command = try ChildProcess(
                BuiltProduct.path("mltraining-gateway"),
                ["openapi", "--format", format]
            )
            command.closeInput()
            #expect(try command.waitForExit() == .code(0))
            let answer = try stack.gateway.client().get(path)
            #expect(answer.text == command.lines(.output).map { $0 + "\n" }.joined())
        }
        let document = try stack.gateway.get("/openapi.json").json
        #expect(document["openapi"].text?.hasPrefix("3.1.") == true)
        #expect(document["paths"]["/v1/jobs"]["post"]["operationId"] == "submitTrainingJob")
    }

    @Test
    func thePageHasAPolicyOfItsOwn() throws {
        let answer = try stack.gateway.client().get("/docs")
        let policy = try #require(answer["content-security-policy"])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-"))
        #expect(answer["referrer-policy"] == "no-referrer")
        #expect(answer["cross-origin-opener-policy"] == "same-origin")
        #expect(answer.text.contains("<title>ML Training Service</title>"))
        #expect(try stack.gateway.client().get("/openapi.json")["content-security-policy"] == nil)
    }

    @Test(arguments: pages)
    func aHead(path: String, type: String) throws {
        let client = try stack.gateway.client()
        for coding in ["identity", "gzip"] {
            let get = try client.get(path, headers: ["Accept-Encoding": coding])
            let head = try client.request("HEAD", path, headers: ["Accept-Encoding": coding])
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head["content-length"] == "\(get.body.count)")
            for name in ["content-type", "etag", "vary", "cache-control", "content-encoding"] {
                #expect(head[name] == get[name], "\(name)")
            }
        }
    }

    @Test(arguments: pages)
    func gzipForThoseWhoTakeIt(path: String, type: String) throws {
        let client = try stack.gateway.client()
        let plain = try client.get(path)
        let small = try client.get(path, headers: ["Accept-Encoding": "br, gzip"])
        #expect(small["content-encoding"] == "gzip")
        #expect(small["content-type"] == type)
        #expect(small.body.count < plain.body.count / 3)
        #expect(try gunzip(small.body) == plain.body)
        let tag = try #require(plain["etag"])
        #expect(small["etag"] == "W/\(tag)")
    }

    @Test(arguments: pages)
    func conditions(path: String, type: String) throws {
        let client = try stack.gateway.client()
        let tag = try #require(client.get(path)["etag"])
        for method in ["GET", "HEAD"] {
            for (known, coding) in [(tag, "identity"), ("W/\(tag)", "gzip"), ("\"x\", \(tag)", "gzip"), ("*", "gzip")] {
                let headers: HeaderList = ["If-None-Match": known, "Accept-Encoding": coding]
                let answer = try client.request(method, path, headers: headers)
                #expect(answer.status == 304)
                #expect(answer.body.isEmpty)
                #expect(answer["etag"] == (coding == "gzip" ? "W/\(tag)" : tag))
                #expect(answer["cache-control"] == "public, no-cache")
                #expect(answer["vary"] == "Accept-Encoding, Origin")
            }
        }
        #expect(try client.get(path, headers: ["If-None-Match": "\"x\""]).status == 200)
        #expect(try client.get(path, headers: ["If-Match": tag]).status == 200)
        #expect(try client.get(path, headers: ["If-Match": "\"x\""]).status == 412)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE", "get"])
    func otherMethodsAre405(method: String) throws {
        for (path, _) in Self.pages {
            let answer = try Answer(stack.gateway.client().request(method, path))
            #expect(answer.status == 405)
            #expect(answer.headers.values("allow") == ["GET, HEAD, OPTIONS"])
            #expect(answer.detail("ErrorInfo")["reason"] == "METHOD_NOT_ALLOWED")
            #expect(answer.error["message"].text == "\(path) does not take \(method), but GET, HEAD, OPTIONS")
        }
    }

    @Test(arguments: pages)
    func options(path: String, type: String) throws {
        let answer = try stack.gateway.client().request("OPTIONS", path)
        #expect(answer.status == 204)
        #expect(answer["allow"] == "GET, HEAD, OPTIONS")
        #expect(answer.body.isEmpty)
    }

    /// A generator of clients on a page of another origin reads the document as it calls the API.
    @Test(arguments: pages)
    func otherOrigins(path: String, type: String) throws {
        let client = try stack.gateway.client()
        let allowed: HeaderList = ["Origin": "https://app.example.com"]
        let answer = try client.get(path, headers: allowed)
        #expect(answer["access-control-allow-origin"] == "https://app.example.com")
        #expect(answer["access-control-expose-headers"]?.contains("ETag") == true)
        let other = try client.get(path, headers: ["Origin": "https://evil.example"])
        #expect(other.status == 200 && other["access-control-allow-origin"] == nil)
        let asking: HeaderList = [
            "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match",
        ]
        let preflight = try client.request("OPTIONS", path, headers: allowed + asking)
        #expect(preflight.status == 204)
        #expect(preflight["access-control-allow-origin"] == "https://app.example.com")
        #expect(preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
        #expect(preflight["access-control-allow-headers"] == "if-none-match")
    }

    @Test(arguments: ["/", "/doc", "/docs/x", "/docs//", "/Docs", "/openapi", "/openapi.yml", "//docs", "/%64ocs"])
    func whatIsNearIsNotThere(path: String) throws {
        let answer = try stack.gateway.get(path)
        #expect(answer.status == 404)
        #expect(answer.detail("ErrorInfo")["reason"] == "ROUTE_NOT_FOUND")
    }

    @Test
    func aBodyIsNotForPages() throws {
        let answer = try Answer(
            stack.gateway.client().request("GET", "/docs", body: Array(repeating: 65, count: 1001))
        )
        #expect(answer.status == 413)
    }
}
