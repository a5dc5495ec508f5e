import GatewayTesting
import Testing

/// What clients see of the gateway through a real nginx.
@Suite(.enabled(if: NginxProcess.isInstalled))
struct NginxTests {
    /// Each kind of route: reads, submits, verbs, deletions, gRPC's own paths, and what there is none of.
    private static let routes: [(method: String, target: String, status: Int, call: String?)] = [
        ("GET", "/v1/jobs/a", 200, "GetTrainingJob"),
        ("HEAD", "/v1/jobs/a", 200, "GetTrainingJob"),
        ("GET", "/v1/jobs/a%2Fb%3Ac", 200, "GetTrainingJob"),
        ("GET", "/v1/jobs?organizationId=x&status=in_progress", 200, "ListTrainingJobs"),
        ("GET", "/v1/organizations/x/jobs", 200, "ListTrainingJobs"),
        ("GET", "/v1/jobs/a/logs?page_token=%2B+", 200, "GetTrainingJobLogs"),
        ("POST", "/v1/jobs", 201, "SubmitTrainingJob"),
        ("POST", "/v1/jobs:submitCustom", 201, "SubmitCustomTrainingJob"),
        ("POST", "/v1/jobs/a:cancel", 200, "CancelTrainingJob"),
        ("DELETE", "/v1/jobs/a", 200, "DeleteCompletedTrainingJob"),
        ("GET", "/v1/containers", 200, "ListSupportedContainers"),
        ("POST", "/v1/containers", 201, "RegisterCustomTrainingContainer"),
        ("POST", MLTraining.service + "/ListTrainingJobs", 200, "ListTrainingJobs"),
        ("OPTIONS", "/v1/jobs/a", 204, nil),
        ("PUT", "/v1/jobs/a", 405, nil),
        ("GET", "/nope", 404, nil),
        ("GET", "/v1/jobs/%zz", 400, nil),
    ]

    @Test(arguments: ProxyStack.Link.allCases)
    func everyKindOfRoute(link: ProxyStack.Link) throws {
        let stack = try ProxyStack(link)
        let client = try stack.nginx.client()
        var calls: [String] = []
        for (method, target, status, call) in NginxTests.routes {
            let response = try client.request(method, target, body: method == "POST" ? Array("{}".utf8) : nil)
            #expect(response.status == status, "\(method) \(target): \(response)")
            // nginx refuses by itself what it cannot decode.
            #expect(response["x-request-id"]?.utf8.count == (status == 400 ? nil : 32), "\(method) \(target)")
            if status == 201 { #expect(response["location"]?.hasSuffix("/made") == true) }
            if status == 405 { #expect(response["allow"] == "DELETE, GET, HEAD, OPTIONS") }
            if method == "HEAD" { #expect(response["content-length"] != nil) }
            if let call { calls.append(call) }
        }
        #expect(stack.calls == calls)
        #expect(stack.upstream.requests(for: MLTraining.getJob).map(MLTraining.id) == ["a", "a", "a/b:c"])
        try stack.stop()
    }

    /// nginx keeps its connections to the gateway, also over answers without a body and errors.
    @Test(arguments: ProxyStack.Link.allCases)
    func connectionsAreKept(link: ProxyStack.Link) throws {
        let stack = try ProxyStack(link)
        let client = try stack.nginx.client()
        #expect(try client.get("/v1/jobs/a").status == 200)
        let before = try #require(ProcessUsage(pid: stack.gateway.process.pid)).openDescriptors
        for _ in 0..<20 {
            #expect(try client.get("/v1/jobs/a").status == 200)
            #expect(try client.request("HEAD", "/v1/jobs/a").status == 200)
            #expect(try client.get("/nope").status == 404)
            #expect(try client.post("/v1/jobs", json: #"{"modelName": 1}"#).status == 400)
            #expect(try client.request("OPTIONS", "/v1/jobs").status == 204)
        }
        #expect(try #require(ProcessUsage(pid: stack.gateway.process.pid)).openDescriptors == before)
        try stack.stop()
    }

    @Test(arguments: ProxyStack.Link.allCases)
    func aLargeAnswer(link: ProxyStack.Link) throws {
        let stack = try ProxyStack(link)
        let id = String(repeating: "large ", count: 1_000_000)
        stack.upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: id)))
        let answer = try Answer(stack.nginx.client().get("/v1/jobs/a"))
        #expect(answer.json["id"] == .string(id))
        try stack.stop()
    }

    @Test
    func aCompressedAnswer() throws {
        let stack = try ProxyStack()
        let id = String(repeating: "a", count: 4000)
        stack.upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: id)))
        let client = try stack.nginx.client()
        let answer = try client.get("/v1/jobs/a", headers: ["Accept-Encoding": "gzip"])
        #expect(answer["content-encoding"] == "gzip")
        #expect(answer.body.count < 1000)
        let tag = try #require(answer["etag"])
        #expect(try client.get("/v1/jobs/a", headers: ["If-None-Match": tag]).status == 304)
        let curl = try Curl.run(["--compressed", "http://\(stack.nginx.address)/v1/jobs/a"])
        #expect(curl.json["id"] == .string(id))
        try stack.stop()
    }

    /// `X-Accel-Buffering: no` has nginx pass on each record at once.
    @Test(arguments: ["text/event-stream", "application/x-ndjson"])
    func recordsOfAStreamArriveOneByOne(accept: String) throws {
        let stack = try FeedStack()
        let nginx = try NginxProcess(upstream: stack.gateway.address)
        let (second, end) = (Gate(), Gate())
        stack.on(
            "Watch",
            [
                .grpcHeaders(), .message(FeedStack.event("1")), .hold(second), .message(FeedStack.event("2")),
                .hold(end), .grpcTrailers(),
            ]
        )
        let prefix = accept == "text/event-stream" ? "data: " : ""
        let curl = try ChildProcess(
            "/usr/bin/curl",
            ["-sSN", "-H", "Accept: \(accept)", "http://\(nginx.address)/v1/events"]
        )
        curl.closeInput()
        #expect(try curl.waitForLine(prefix: prefix + #"{"id":"1"}"#) == "")
        #expect(!curl.transcript.contains(#""2""#))
        second.open()
        _ = try curl.waitForLine(prefix: prefix + #"{"id":"2"}"#)
        #expect(curl.isRunning)
        end.open()
        #expect(try curl.waitForExit() == .code(0))
        try nginx.stop()
        try stack.stop()
    }

    @Test(arguments: ProxyStack.Link.allCases)
    func aClientThatGivesUpCancelsItsCall(link: ProxyStack.Link) throws {
        let stack = try ProxyStack(link)
        stack.upstream.on(MLTraining.getJob, .silence)
        let client = try stack.nginx.client()
        try client.sendRequest("GET", "/v1/jobs/a")
        #expect(stack.upstream.waitForRequests(1).count == 1)
        client.abort()
        let requests = stack.upstream.waitForRequests { $0.first?.resetCode != nil }
        #expect(requests.first?.resetCode == .cancel)
        try stack.stop()
    }

    @Test
    func aStreamThatIsGivenUpCancelsItsCall() throws {
        let stack = try FeedStack()
        let nginx = try NginxProcess(upstream: stack.gateway.address)
        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1"))])
        let client = try nginx.client()
        try client.sendRequest("GET", "/v1/events", headers: ["Accept": "text/event-stream"])
        _ = try client.readHead()
        #expect(try client.readChunk() != nil)
        client.close()
        #expect(stack.resetCode() == .cancel)
        try nginx.stop()
        try stack.stop()
    }

    @Test
    func aPreflight() throws {
        let page = "https://app.example.com"
        let stack = try ProxyStack(arguments: ["--cors-origin", page])
        let headers: HeaderList = ["Origin": page, "Access-Control-Request-Method": "DELETE"]
        let answer = try stack.nginx.client().request("OPTIONS", "/v1/jobs/a", headers: headers)
        #expect(answer.status == 204)
        #expect(answer["access-control-allow-origin"] == page)
        #expect(answer["access-control-allow-methods"] == "DELETE, GET, HEAD, OPTIONS")
        #expect(stack.upstream.requests.isEmpty)
        try stack.stop()
    }

    /// What the gateway refuses for its size comes through, whether nginx has read all of it or passes it on meanwhile.
    @Test(arguments: ["on", "off"])
    func whatIsTooLarge(buffering: String) throws {
        let stack = try ProxyStack(nginx: ["proxy_request_buffering \(buffering)"])
        let body = [UInt8](repeating: 0x20, count: 5 << 20)
        let large = try Answer(stack.nginx.client().request("POST", "/v1/jobs", body: body))
        #expect(large.status == 413)
        #expect(large.detail("ErrorInfo")["reason"] == "BODY_TOO_LARGE")
        let target = "/v1/jobs/" + String(repeating: "a", count: 9000)
        #expect(try Answer(stack.nginx.client().get(target)).error["code"] == 414)
        let headers: HeaderList = ["X-Padding": String(repeating: "a", count: 15_000)]
        #expect(try Answer(stack.nginx.client().get("/v1/jobs/a", headers: headers)).error["code"] == 431)
        // Beyond libmicrohttpd's memory the page is its own.
        let more: HeaderList = ["X-Padding": String(repeating: "a", count: 40_000)]
        #expect(try stack.nginx.client().get("/v1/jobs/a", headers: more).status == 431)
        #expect(stack.upstream.requests.isEmpty)
        #expect(try stack.nginx.client().get("/v1/jobs/a").status == 200)
        try stack.stop()
    }
}
