import GatewayTesting
import Testing

/// OPTIONS, and what 405, 406 and 415 tell.
@Suite(.sharedScriptedStack())
struct OptionsTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test(arguments: [
        ("/v1/jobs", "GET, HEAD, OPTIONS, POST"), ("/v1/jobs?x=1", "GET, HEAD, OPTIONS, POST"),
        ("/v1/jobs/a", "DELETE, GET, HEAD, OPTIONS"), ("/v1/jobs/a:cancel", "OPTIONS, POST"),
        ("/v1/jobs/a/logs", "GET, HEAD, OPTIONS"), (MLTraining.getJob, "OPTIONS, POST"),
        ("*", "DELETE, GET, HEAD, OPTIONS, POST"), ("http://a", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("http://a/v1/jobs", "GET, HEAD, OPTIONS, POST"),
    ])
    func tellsTheMethods(target: String, allow: String) throws {
        let client = try stack.gateway.client()
        let before = stack.upstream.requests.count
        let answer = try client.request("OPTIONS", target)
        #expect(answer.status == 204)
        #expect(answer.headers.values("allow") == [allow])
        #expect(answer["content-length"] == nil && answer["transfer-encoding"] == nil)
        #expect(answer.body.isEmpty)
        #expect(answer["x-request-id"]?.utf8.count == 32)
        // No origin is allowed, so that nothing depends on one.
        #expect(answer["vary"] == nil && answer["access-control-allow-origin"] == nil)
        // The connection is in order.
        #expect(try client.request("OPTIONS", target, body: Array("{}".utf8)).status == 204)
        #expect(stack.upstream.requests.count == before)
        #expect(try client.get("/v1/jobs/a").status == 200)
    }

    @Test(arguments: [("/nope", 404), ("/v1/jobs/%zz", 400)])
    func anUnknownOrMalformedPath(target: String, status: Int) throws {
        let answer = try Answer(stack.gateway.client().request("OPTIONS", target))
        #expect(answer.status == status)
        #expect(answer.error["code"] == .number(Double(status)))
    }

    /// The path is empty, which is `/` (RFC 9110, section 4.2.3), and no route.
    @Test(arguments: [("GET", "http://a?x=1"), ("GET", "http://a"), ("OPTIONS", "http://a?x=1")])
    func aTargetWithoutPath(method: String, target: String) throws {
        let answer = try Answer(stack.gateway.client().request(method, target))
        #expect(answer.status == 404)
        #expect(answer.error["message"].text == "no route for \(method) /")
    }

    @Test(arguments: ["/v1/jobs", "/v1/containers"])
    func a415TellsWhatIsTaken(target: String) throws {
        let answer = try stack.gateway.client()
            .request("POST", target, headers: ["Content-Type": "text/plain"], body: Array("x".utf8))
        #expect(answer.status == 415)
        #expect(answer["accept-post"] == "application/json")
        #expect(answer["accept"] == "application/json")
        #expect(answer["accept-patch"] == nil)
    }

    /// A body whose type nobody names is taken as JSON.
    @Test(arguments: [
        nil, "", " ", "application/json", "application/json \t", "application/json; charset=utf-8",
        "APPLICATION/JSON;x", "application/a+json",
    ])
    func typesThatAreJSON(type: String?) throws {
        let headers: HeaderList = type.map { ["Content-Type": $0] } ?? [:]
        let body = Array(#"{"id": "a"}"#.utf8)
        let answer = try stack.gateway.client().request("POST", MLTraining.getJob, headers: headers, body: body)
        #expect(answer.status == 200, "\(answer)")
    }

    /// Nothing is said of a length, so there is no content (RFC 9112, section 6.3), and nothing to refuse with 411.
    @Test(arguments: ["1.0", "1.1"])
    func aRequestWithoutLengthHasNoContent(version: String) throws {
        let client = try stack.gateway.client()
        try client.send(
            "POST \(MLTraining.getJob) HTTP/\(version)\r\nHost: x\r\nContent-Type: application/json\r\n\r\n"
        )
        #expect(try client.readResponse().status == 200)
    }

    @Test(arguments: [
        "*/*", "application/*", "application/json", "application/json;q=0.1", "text/html, */*;q=0.8", "", " ", ",",
        "application/problem+json", "application/json; charset=utf-8", "image/png, application/*;q=0.001",
    ])
    func anAcceptThatLetsJSONPass(accept: String) throws {
        #expect(try stack.gateway.get("/v1/jobs/a", headers: ["Accept": accept]).status == 200)
    }

    @Test(arguments: [
        "text/html", "image/*", "application/json;q=0", "*/*;q=0", "application/json;q=0, */*",
        "application/*;q=0, text/*",
        "application/xml, text/plain;q=0.5", "application/problem+json, application/json;q=0", "application/x-ndjson",
    ])
    func anAcceptThatDoesNot(accept: String) throws {
        let before = stack.upstream.requests.count
        for (method, target) in [("GET", "/v1/jobs/a"), ("POST", "/v1/jobs"), ("DELETE", "/v1/jobs/a")] {
            let client = try stack.gateway.client()
            let answer = try Answer(client.request(method, target, headers: ["Accept": accept]))
            #expect(answer.status == 406)
            let document = answer.error == .null ? answer.json : answer.error
            #expect(document["message"].text ?? document["detail"].text ?? "" != "")
            #expect(answer.detail("ErrorInfo")["reason"] == "NOT_ACCEPTABLE")
            #expect(answer.headers["vary"] == "Accept, Accept-Encoding")
        }
        #expect(stack.upstream.requests.count == before)
    }

    @Test
    func streamsAndBytesHaveTheirOwn() throws {
        let stack = try FeedStack()
        stack.on("Watch", .answer(FeedStack.event("1")))
        stack.on("GetFile", .answer(FeedStack.httpBody("image/png", [1])))
        for accept in ["text/event-stream", "application/jsonl", "application/json", "*/*", "application/problem+json"]
        {
            #expect(try stack.get("/v1/events?topic=t", accept: accept).status == 200, "\(accept)")
        }
        for accept in ["image/png", "text/html"] {
            #expect(try stack.get("/v1/events?topic=t", accept: accept).status == 406)
            #expect(try stack.get("/v1/files/a", accept: accept).status == 200)
        }
        try stack.stop()
    }
}
