import GatewayTesting
import Testing

/// `Server-Timing` for those who ask, and `X-Request-Id` for everybody.
@Suite
struct ServerTimingTests {
    private static let prefer: HeaderList = ["Prefer": "server-timing"]

    /// Milliseconds by name; nil where the field is not as it must be.
    private func durations(_ value: String?) -> [String: Double]? {
        guard let value else { return nil }
        var times: [String: Double] = [:]
        for metric in value.split(separator: ",") {
            let parts = metric.drop { $0 == " " }.split(separator: ";")
            guard parts.count == 2, parts[1].hasPrefix("dur="), let time = Double(parts[1].dropFirst(4)) else {
                return nil
            }
            times[String(parts[0])] = time
        }
        return times
    }

    @Test
    func timesAreToldOnRequest() throws {
        let stack = try ScriptedStack()
        // So that there is a connection.
        #expect(try stack.gateway.get("/v1/jobs/a").status == 200)
        let slow = stack.target(for: [.delay(.milliseconds(30))] + Script.answer(MLTraining.job(id: "x")))
        let answer = try stack.gateway.client().get(slow, headers: ServerTimingTests.prefer)
        #expect(answer.status == 200)
        #expect(answer["preference-applied"] == "server-timing")
        #expect(answer.headers.values("vary").contains("Prefer"))
        #expect(answer["timing-allow-origin"] == nil)
        let times = try #require(durations(answer["server-timing"]))
        #expect(Set(times.keys) == ["request", "gateway", "upstream", "total"])
        #expect((times["upstream"] ?? 0) >= 30)
        let sum = times.filter { $0.key != "total" }.values.reduce(0, +)
        #expect(abs(sum - (times["total"] ?? 0)) < 0.01)

        for headers in [[:], ["Prefer": "respond-async"]] as [HeaderList] {
            let plain = try stack.gateway.client().get("/v1/jobs/a", headers: headers)
            #expect(plain["server-timing"] == nil)
            #expect(plain["preference-applied"] == nil)
            #expect(!plain.headers.values("vary").contains("Prefer"))
        }
        try stack.stop()
    }

    @Test
    func errorsAndStreamsHaveThemToo() throws {
        let stack = try FeedStack()
        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1")), .grpcTrailers()])
        for target in ["/v1/events", "/nope"] {
            let answer = try stack.get(target, headers: ServerTimingTests.prefer)
            #expect(durations(answer["server-timing"])?["total"] != nil, "\(target)")
        }
        try stack.stop()
    }

    @Test
    func aWaitForATokenIsToldApart() throws {
        let stack = try SignInStack()
        let answer = try stack.get(SignInStack.basic() + ServerTimingTests.prefer)
        #expect(answer.status == 200)
        #expect(durations(answer.headers["server-timing"])?["signin"] != nil)
        try stack.stop()
    }

    @Test
    func pagesThatAreAllowedSeeThem() throws {
        let stack = try ScriptedStack(["--cors-origin", "https://app.example.com"])
        for (origin, isAllowed) in [("https://app.example.com", true), ("https://evil.example.com", false)] {
            let headers = ServerTimingTests.prefer + ["Origin": origin]
            let answer = try stack.gateway.client().get("/v1/jobs/a", headers: headers)
            #expect(answer["timing-allow-origin"] == (isAllowed ? origin : nil))
            #expect((answer["access-control-expose-headers"]?.contains("Server-Timing") ?? false) == isAllowed)
            let preflight = try stack.gateway.client().request(
                "OPTIONS",
                "/v1/jobs/a",
                headers: [
                    "Origin": origin, "Access-Control-Request-Method": "GET",
                    "Access-Control-Request-Headers": "prefer",
                ]
            )
            #expect(preflight["access-control-allow-headers"] == (isAllowed ? "prefer" : nil))
        }
        try stack.stop()
    }

    @Test(arguments: [
        ("GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\n", 200), ("HEAD /v1/jobs/a HTTP/1.1\r\nHost: a\r\n", 200),
        ("OPTIONS /v1/jobs HTTP/1.1\r\nHost: a\r\n", 204), ("OPTIONS * HTTP/1.1\r\nHost: a\r\n", 204),
        ("GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n", 304), ("GET /nope HTTP/1.1\r\nHost: a\r\n", 404),
        ("PUT /v1/jobs HTTP/1.1\r\nHost: a\r\n", 405),
        ("GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\nAccept: text/css\r\n", 406),
        ("GET /v1/jobs/a HTTP/1.1\r\n", 400), ("GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 400),
        ("GET /v1/jobs/a HTTP/1.2\r\nHost: a\r\n", 505), ("G@T /v1/jobs/a HTTP/1.1\r\nHost: a\r\n", 400),
        ("POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n", 413),
        ("POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n", 400),
        ("POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Type: text/css\r\n", 415),
    ])
    func everyAnswerHasAnID(head: String, status: Int) throws {
        let stack = try ScriptedStack()
        let method = String(head.prefix { $0 != " " })
        for field in ["", "X-Request-Id: mine.1\r\n"] {
            let client = try stack.gateway.client()
            try client.send(head + field + "\r\n" + (status == 415 ? "x" : ""))
            let answer = try client.readResponse(to: method)
            #expect(answer.status == status)
            #expect(answer.headers.values("x-request-id").count == 1)
            if field.isEmpty {
                #expect(answer["x-request-id"]?.utf8.count == 32)
            } else {
                #expect(answer["x-request-id"] == "mine.1")
            }
        }
        try stack.stop()
    }
}
