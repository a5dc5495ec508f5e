import GatewayTesting
import Testing

/// Requests that the gateway refuses by itself: the contract's shape, and not a byte to upstream.
@Suite(.sharedScriptedStack("--max-body-bytes", "1000"))
struct RequestErrorTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    /// Checks the shape, the headers that every answer carries, and that upstream has heard nothing.
    private func expect(
        _ answer: Answer,
        _ status: Int,
        _ code: JSON,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == status, "\(answer)", sourceLocation: location)
        #expect(answer.json.names == ["error"], sourceLocation: location)
        #expect(answer.error.names == ["code", "status", "message", "details"], sourceLocation: location)
        #expect(answer.error["code"] == .number(Double(status)), sourceLocation: location)
        #expect(answer.error["status"] == code, sourceLocation: location)
        #expect(answer.error["message"].text?.isEmpty == false, sourceLocation: location)
        #expect(answer.headers["content-type"] == "application/json", sourceLocation: location)
        #expect(answer.headers["x-content-type-options"] == "nosniff", sourceLocation: location)
        #expect(answer.headers["x-request-id"]?.utf8.count == 32, sourceLocation: location)
        #expect(stack.upstream.requests.isEmpty, sourceLocation: location)
    }

    @Test(arguments: [
        "not json", "{", "{\"datasetId\": \"a\",}", "{'datasetId': 1}", "{} {}", "{}x", "[]", "1", "null x", "\"text\"",
        "{\"datasetId\": \"\u{1}\"}", "{\"datasetId\": \"\\ud800\"}", "\u{FEFF}{}", "{\"tags\": [\"a\"}", "nul",
    ])
    func aBodyThatIsNotAJSONObject(body: String) throws {
        let answer = try stack.gateway.post("/v1/jobs", json: body)
        expect(answer, 400, "INVALID_ARGUMENT")
        let details = answer.error["details"].elements
        #expect(details.count == 1)
        #expect(
            ["google.rpc.BadRequest", "google.rpc.ErrorInfo"].map { JSON.string("type.googleapis.com/\($0)") }
                .contains(details.first?["@type"] ?? .null)
        )
    }

    @Test
    func aBodyThatIsNotUTF8() throws {
        let body = Array("{\"datasetId\": \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        let response = try stack.gateway.client()
            .request("POST", "/v1/jobs", headers: ["Content-Type": "application/json"], body: body)
        expect(try Answer(response), 400, "INVALID_ARGUMENT")
    }

    @Test(arguments: [
        ("modelNam", "modelName"), ("modelname", "modelName"), ("dataset_ids", "datasetId"),
        ("organisationId", "organizationId"),
    ])
    func anUnknownFieldIsNamedWithItsNearest(field: String, nearest: String) throws {
        let answer = try stack.gateway.post("/v1/jobs", json: #"{"datasetId": "d", "\#(field)": "x"}"#)
        expect(answer, 400, "INVALID_ARGUMENT")
        #expect(answer.violatedFields == [field])
        let description = answer.detail("BadRequest")["fieldViolations"][0]["description"].text ?? ""
        #expect(description.contains("did you mean \"\(nearest)\"?"), "\(description)")
    }

    @Test
    func anUnknownFieldFarFromAnyIsNamed() throws {
        let answer = try stack.gateway.post("/v1/jobs", json: #"{"zzzzzzzzzzzz": {"a": [1, {"b": null}]}}"#)
        expect(answer, 400, "INVALID_ARGUMENT")
        #expect(answer.violatedFields == ["zzzzzzzzzzzz"])
    }

    @Test(arguments: [
        (#"{"modelName": 5}"#, "modelName"), (#"{"modelName": ["a"]}"#, "modelName"), (#"{"tags": "x"}"#, "tags"),
        (#"{"tags": ["a", 1]}"#, "tags[1]"), (#"{"tags": [null]}"#, "tags[0]"),
        (#"{"modelType": "MODEL_TYPE_X"}"#, "modelType"), (#"{"modelType": 1.5}"#, "modelType"),
        (#"{"modelType": true}"#, "modelType"), (#"{"modelType": {}}"#, "modelType"),
    ])
    func aWrongTypeIsNamed(body: String, field: String) throws {
        let answer = try stack.gateway.post("/v1/jobs", json: body)
        expect(answer, 400, "INVALID_ARGUMENT")
        #expect(answer.violatedFields == [field])
    }

    @Test(arguments: [#"{"arguments": {"a": 1}}"#, #"{"arguments": {"a": null}}"#, #"{"arguments": []}"#])
    func aWrongTypeInAMap(body: String) throws {
        let answer = try stack.gateway.post("/v1/jobs:submitCustom", json: body)
        expect(answer, 400, "INVALID_ARGUMENT")
        #expect(answer.violatedFields.first?.hasPrefix("arguments") == true)
    }

    @Test
    func theSameFieldTwice() throws {
        expect(
            try stack.gateway.post("/v1/jobs", json: #"{"modelName": "a", "model_name": "b"}"#),
            400,
            "INVALID_ARGUMENT"
        )
        expect(
            try stack.gateway.post("/v1/jobs", json: #"{"modelName": "a", "modelName": "b"}"#),
            400,
            "INVALID_ARGUMENT"
        )
    }

    @Test
    func aPathAndABodyThatContradict() throws {
        let answer = try stack.gateway.post("/v1/jobs/a:cancel", json: #"{"id": "b"}"#)
        expect(answer, 400, "INVALID_ARGUMENT")
        #expect(answer.violatedFields == ["id"])
    }

    @Test(arguments: [
        "/v1/jobs?organisation_id=x", "/v1/jobs?status=NOPE", "/v1/jobs?status=1&status=2",
        "/v1/jobs?organization_id=%zz", "/v1/jobs?organization_id=%00", "/v1/jobs?organization_id=%ff",
        "/v1/jobs/a?x=1", "/v1/jobs/a/logs?page_token=a&pageToken=b", "/v1/organizations/a/jobs?organization_id=b",
    ])
    func aWrongQuery(target: String) throws {
        expect(try stack.gateway.get(target), 400, "INVALID_ARGUMENT")
    }

    @Test(arguments: ["/v1/jobs/a\0b", "/v1/jobs/a?x\0y", "/v1/jobs\0"])
    func aTargetWithANUL(target: String) throws {
        expect(try stack.gateway.get(target), 400, "INVALID_ARGUMENT")
    }

    @Test
    func aQueryWhereTheBodyHoldsEverything() throws {
        expect(try stack.gateway.post("/v1/jobs?dataset_id=x"), 400, "INVALID_ARGUMENT")
    }

    @Test
    func aBodyWhereNoneBelongs() throws {
        let response = try stack.gateway.client().request("GET", "/v1/jobs/a", body: Array("{\"id\": \"a\"}".utf8))
        expect(try Answer(response), 400, "INVALID_ARGUMENT")
    }

    @Test(arguments: [
        "/v1/jobs/%zz", "/v1/jobs/%", "/v1/jobs/%4", "/v1/jobs/a%00b", "/v1/jobs/%ff", "/v1/jobs/%c3%28/logs",
    ])
    func aMalformedEscapeInThePath(target: String) throws {
        expect(try stack.gateway.get(target), 400, "INVALID_ARGUMENT")
    }

    @Test(arguments: [
        "/", "/nope", "/v1", "/v1/jobs/a/b", "/v1/jobs/a/logs/b", "/V1/jobs", "/v1/jobs%2Fa", "//v1/jobs",
    ])
    func anUnknownRoute(target: String) throws {
        let answer = try stack.gateway.get(target)
        expect(answer, 404, "NOT_FOUND")
        #expect(answer.detail("ErrorInfo")["reason"] == "ROUTE_NOT_FOUND")
        #expect(answer.headers["allow"] == nil)
    }

    @Test(arguments: [
        ("PUT", "/v1/jobs", "GET, HEAD, OPTIONS, POST"), ("DELETE", "/v1/jobs", "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/v1/jobs/a", "DELETE, GET, HEAD, OPTIONS"), ("POST", "/v1/jobs/a", "DELETE, GET, HEAD, OPTIONS"),
        ("GET", "/v1/jobs/a:cancel", "OPTIONS, POST"), ("GET", "/v1/jobs:submitCustom", "OPTIONS, POST"),
        ("POST", "/v1/jobs/a/logs", "GET, HEAD, OPTIONS"),
        ("POST", "/v1/organizations/a/jobs", "GET, HEAD, OPTIONS"),
        ("PUT", "/v1/containers", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/v1/containers/a", "DELETE, GET, HEAD, OPTIONS"), ("GET", MLTraining.getJob, "OPTIONS, POST"),
        ("get", "/v1/jobs/a", "DELETE, GET, HEAD, OPTIONS"), ("BREW", "/v1/jobs/a", "DELETE, GET, HEAD, OPTIONS"),
    ])
    func aWrongMethod(method: String, target: String, allow: String) throws {
        let answer = try Answer(stack.gateway.client().request(method, target))
        expect(answer, 405, "UNIMPLEMENTED")
        #expect(answer.headers["allow"] == allow)
        #expect(answer.detail("ErrorInfo")["reason"] == "METHOD_NOT_ALLOWED")
    }

    @Test(arguments: ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/grpc"])
    func aBodyOfAnotherType(type: String) throws {
        let answer = try stack.gateway.post("/v1/jobs", headers: ["Content-Type": type])
        expect(answer, 415, "INVALID_ARGUMENT")
        #expect(answer.detail("ErrorInfo")["reason"] == "UNSUPPORTED_MEDIA_TYPE")
        #expect(answer.error["message"].text?.contains(type) == true)
    }

    @Test
    func aBodyOverTheLimit() throws {
        let client = try stack.gateway.client()
        let body = [UInt8](repeating: 0x20, count: 1001)
        try client.sendRequest("POST", "/v1/jobs", headers: ["Content-Type": "application/json"], body: body)
        let response = try client.readResponse()
        expect(try Answer(response), 413, "RESOURCE_EXHAUSTED")
        #expect(try Answer(response).detail("ErrorInfo")["reason"] == "BODY_TOO_LARGE")
        #expect(response.announcesClose)
    }

    @Test
    func aChunkedBodyOverTheLimit() throws {
        let client = try stack.gateway.client()
        try client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try client.send("3e9\r\n" + String(repeating: " ", count: 1001) + "\r\n0\r\n\r\n")
        expect(try Answer(client.readResponse()), 413, "RESOURCE_EXHAUSTED")
    }

    @Test
    func aTargetThatIsTooLong() throws {
        let answer = try stack.gateway.get("/v1/jobs/" + String(repeating: "x", count: 9000))
        expect(answer, 414, "INVALID_ARGUMENT")
        #expect(answer.detail("ErrorInfo")["reason"] == "URI_TOO_LONG")
    }

    /// The header block shares libmicrohttpd's memory with that of the answer: 16 KiB, of which 2 are kept for it.
    @Test(arguments: [14_400, 15_800])
    func aHeaderThatIsTooLarge(size: Int) throws {
        let answer = try stack.gateway.get("/v1/jobs/a", headers: ["X-Padding": String(repeating: "x", count: size)])
        expect(answer, 431, "INVALID_ARGUMENT")
        #expect(answer.detail("ErrorInfo")["reason"] == "HEADER_TOO_LARGE")
    }

    @Test
    func manySmallHeadersAreTooLargeAsWell() throws {
        let fields = (0..<200).map { "h\($0): x\r\n" }.joined()
        let client = try stack.gateway.client()
        try client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\(fields)\r\n{}")
        expect(try Answer(client.readResponse()), 431, "INVALID_ARGUMENT")
    }

    @Test(arguments: ["Bearer a\u{1}b", "Bearer \u{E9}", "Bearer a\tb"])
    func aCredentialThatCannotBePassedOn(value: String) throws {
        expect(try stack.gateway.get("/v1/jobs/a", headers: ["Authorization": value]), 400, "INVALID_ARGUMENT")
    }

    @Test(arguments: ["5", "S", "-5S", "+5S", "123456789S", "5x", "5 S", "1.5S", "5s", "0x5S"])
    func aMalformedTimeout(timeout: String) throws {
        expect(try stack.gateway.get("/v1/jobs/a", headers: ["Grpc-Timeout": timeout]), 400, "INVALID_ARGUMENT")
    }

    @Test
    func nestingWithoutEnd() throws {
        let body = String(repeating: "[", count: 900)
        expect(try stack.gateway.post("/v1/jobs", json: "{\"tags\": " + body), 400, "INVALID_ARGUMENT")
    }

    @Test(arguments: ["application/problem+json", "text/html, application/problem+json;q=0.9"])
    func aProblemDocument(accept: String) throws {
        let answer = try Answer(
            stack.gateway.client()
                .post("/v1/jobs", json: #"{"modelNam": "x"}"#, headers: ["Accept": accept, "X-Request-Id": "mine"])
        )
        #expect(answer.status == 400)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["x-request-id"] == "mine")
        #expect(answer.json["type"] == "about:blank")
        #expect(answer.json["title"] == "Bad Request")
        #expect(answer.json["status"] == 400)
        #expect(answer.json["grpcStatus"] == "INVALID_ARGUMENT")
        #expect(answer.json["detail"].text?.contains("modelNam") == true)
        #expect(answer.violatedFields == ["modelNam"])
        #expect(stack.upstream.requests.isEmpty)
    }

    @Test
    func theConnectionLivesOnAfterErrors() throws {
        let client = try stack.gateway.client()
        for _ in 0..<3 {
            expect(try Answer(client.get("/nope")), 404, "NOT_FOUND")
            expect(try Answer(client.post("/v1/jobs", json: "x")), 400, "INVALID_ARGUMENT")
            expect(try Answer(client.request("PUT", "/v1/jobs", body: [])), 405, "UNIMPLEMENTED")
        }
    }

    @Test
    func headOfAnErrorHasNoBody() throws {
        let client = try stack.gateway.client()
        let response = try client.request("HEAD", "/nope")
        #expect(response.status == 404)
        #expect(response["content-length"].flatMap(Int.init) ?? 0 > 0)
        #expect(try client.get("/nope").status == 404)
    }

    /// Parameters cost libmicrohttpd nothing, however many there are.
    @Test(arguments: [200, 240, 1000, 2000])
    func manyQueryParameters(count: Int) throws {
        let stack = try SharedScriptedStack.current
        let flood = try stack.gateway.get("/v1/jobs?a" + String(repeating: "&a", count: count))
        #expect(flood.status == 400)
        #expect(flood.violatedFields.first == "a")
        let job = try stack.gateway.get("/v1/jobs/x?" + String(repeating: "&", count: count))
        #expect(job.json["id"] == "x")
    }
}
