import GatewayTesting
import Testing

/// `If-Match`, and `If-None-Match` of requests that change something (RFC 9110, section 13).
@Suite(.sharedScriptedStack())
struct PreconditionTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    /// `T` stands for the tag of what is there.
    @Test(
        arguments: [
            (["If-Match": "T"], 200), (["If-Match": "*"], 200), (["If-Match": "\"x\", T "], 200),
            (["If-Match": "\"x\"", "if-match": "T"], 200),
            (["If-Match": "\"x\""], 412), (["If-Match": ""], 412), (["If-Match": "W/T"], 412),
            // The former comes first.
            (["If-Match": "T", "If-None-Match": "T"], 304), (["If-Match": "*", "If-None-Match": "*"], 304),
            (["If-Match": "T", "If-None-Match": "\"x\""], 200), (["If-Match": "\"x\"", "If-None-Match": "T"], 412),
            (["If-Match": "\"x\"", "If-None-Match": "*"], 412),
            // There are no dates to compare with.
            (["If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"], 200),
            (["If-Modified-Since": "Fri, 31 Dec 2100 00:00:00 GMT"], 200),
        ] as [(HeaderList, Int)]
    )
    func aReadIsComparedWithWhatIsThere(conditions: HeaderList, status: Int) throws {
        let client = try stack.gateway.client()
        let tag = try #require(try client.get("/v1/jobs/a")["etag"])
        var headers = HeaderList()
        for field in conditions.fields { headers.append(field.name, field.text.replacing("T", with: tag)) }
        for method in ["GET", "HEAD"] {
            let answer = try client.request(method, "/v1/jobs/a", headers: headers)
            #expect(answer.status == status, "\(method)")
            if status == 412, method == "GET" {
                let answer = try Answer(answer)
                #expect(answer.error["code"] == .number(412) && answer.error["status"] == "FAILED_PRECONDITION")
                #expect(answer.detail("ErrorInfo")["reason"] == "PRECONDITION_FAILED")
            }
        }
    }

    /// Which bytes gzip makes is not promised, so that its tag is a weak one.
    @Test
    func theTagOfGzipIsNoStrongOne() throws {
        let stack = try FeedStack()
        stack.on("ListWide", .answer(ProtobufFixture.message { list in for _ in 0..<4 { list.message(1) { _ in } } }))
        let client = try stack.gateway.client()
        let tag = try #require(try client.get("/v1/bursts:list")["etag"])
        for (value, coding, status) in [(tag, "gzip", 412), ("*", "gzip", 200), (tag, "identity", 200)] {
            let headers: HeaderList = ["If-Match": value, "Accept-Encoding": coding]
            #expect(try client.get("/v1/bursts:list", headers: headers).status == status, "\(value) \(coding)")
        }
        try stack.stop()
    }

    @Test(arguments: [
        ("DELETE", "/v1/jobs/a"), ("POST", "/v1/jobs"), ("POST", "/v1/jobs/a:cancel"), ("POST", MLTraining.getJob),
    ])
    func nothingIsChangedOnAConditionThatNobodyCanTell(method: String, target: String) throws {
        let client = try stack.gateway.client()
        let before = stack.upstream.requests.count
        for headers: HeaderList in [
            ["If-Match": "\"nope\""], ["If-Match": "*"], ["If-Match": ""], ["If-None-Match": "*"],
            ["If-None-Match": "\"x\""],
        ] {
            let answer = try Answer(client.request(method, target, headers: headers, body: Array("{}".utf8)))
            #expect(answer.status == 412, "\(headers)")
            #expect(answer.error["status"] == "FAILED_PRECONDITION")
            #expect(answer.detail("ErrorInfo")["reason"] == "PRECONDITION_UNKNOWN")
        }
        #expect(stack.upstream.requests.count == before)
        // No condition on anything that is known.
        let plain: HeaderList = ["If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"]
        stack.upstream.on("\(MLTraining.service)/CancelTrainingJob", .answer([]))
        #expect(try client.request("POST", "/v1/jobs/a:cancel", headers: plain).status == 200)
    }

    /// Section 13.2.1: whatever else is wrong comes first, and what changes nothing is not conditional.
    @Test(arguments: [
        ("PUT", "/v1/jobs/a", 405), ("DELETE", "/nope", 404), ("OPTIONS", "/v1/jobs/a", 204), ("GET", "/nope", 404),
    ])
    func otherAnswersStay(method: String, target: String, status: Int) throws {
        let answer = try stack.gateway.client().request(method, target, headers: ["If-Match": "\"nope\""])
        #expect(answer.status == status)
    }

    /// A stream has no tag.
    @Test
    func streams() throws {
        let stack = try FeedStack()
        stack.on("Watch", .answer(FeedStack.event("1")))
        for (name, value, status) in [
            ("If-Match", "\"x\"", 412), ("If-Match", "*", 200), ("If-None-Match", "*", 200),
            ("If-None-Match", "\"x\"", 200),
        ] {
            let answer = try stack.get("/v1/events?topic=t", headers: [name: value])
            #expect(answer.status == status, "\(name): \(value)")
        }
        try stack.stop()
    }
}
