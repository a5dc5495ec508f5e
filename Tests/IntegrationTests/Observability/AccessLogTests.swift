import GatewayTesting
import Glibc
import Testing

/// The access log of a running gateway.
@Suite
struct AccessLogTests {
    /// A request, and what its line has to say.
    struct Kind: Sendable, CustomTestStringConvertible {
        let name: String
        /// Returns the status that the client got, nil for none.
        let send: @Sendable (ScriptedStack) throws -> Int?
        /// Members of the line; null for those that must not be there.
        let members: [String: JSON]

        var testDescription: String { name }

        init(_ name: String, _ members: [String: JSON], _ send: @escaping @Sendable (ScriptedStack) throws -> Int?) {
            (self.name, self.members, self.send) = (name, members, send)
        }
    }

    private static let job = "/v1/jobs/{id}"
    private static let method = "viam.app.mltraining.v1.MLTrainingService/GetTrainingJob"

    static let kinds: [Kind] = [
        Kind(
            "a read",
            [
                "method": "GET", "target": "/v1/jobs/a?", "http": "1.1", "route": .string(job), "status": 200,
                "grpc_method": .string(method), "grpc_status": "OK", "failed_by": nil, "cut_off": nil,
                "client": "127.0.0.1", "request_id": "mine-1", "trace_id": "0af7651916cd43dd8448eb211c80319c",
                "bytes_in": 0, "user_agent": "test/1", "referer": "http://a.test/x",
            ]
        ) { stack in
            let headers: HeaderList = [
                "X-Request-Id": "mine-1", "User-Agent": "test/1", "Referer": "http://a.test/x",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ]
            return try stack.gateway.client().get("/v1/jobs/a?", headers: headers).status
        },
        // Control characters of Unicode, which JSON would let pass.
        Kind("tricks for terminals", ["status": 200, "user_agent": "a\u{9B}31m\u{202E}\"\\é"]) { stack in
            let headers: HeaderList = ["User-Agent": "a\u{9B}31m\u{202E}\"\\é"]
            return try stack.gateway.client().get("/v1/jobs/a", headers: headers).status
        },
        Kind("HEAD", ["method": "HEAD", "status": 200, "bytes_out": 0, "user_agent": nil, "referer": nil]) { stack in
            return try stack.gateway.client().request("HEAD", "/v1/jobs/a").status
        },
        Kind("OPTIONS", ["method": "OPTIONS", "status": 204, "route": nil, "grpc_status": nil]) { stack in
            return try stack.gateway.client().request("OPTIONS", "/v1/jobs").status
        },
        Kind("content that is known", ["status": 304, "bytes_out": 0, "failed_by": nil]) { stack in
            return try stack.gateway.client().get("/v1/jobs/a", headers: ["If-None-Match": "*"]).status
        },
        Kind("HTTP/1.0", ["http": "1.0", "status": 200]) { stack in
            let client = try stack.gateway.client()
            try client.send("GET /v1/jobs/a HTTP/1.0\r\n\r\n")
            return try client.readResponse().status
        },
        Kind(
            "no such route",
            ["status": 404, "route": nil, "grpc_method": nil, "failed_by": "client", "reason": "ROUTE_NOT_FOUND"]
        ) { stack in
            return try stack.gateway.client().get("/nope").status
        },
        Kind("another method", ["status": 405, "failed_by": "client", "reason": "METHOD_NOT_ALLOWED"]) { stack in
            return try stack.gateway.client().request("BREW", "/v1/jobs").status
        },
        Kind(
            "a bad body",
            ["method": "POST", "route": "/v1/jobs", "status": 400, "bytes_in": 8, "reason": "BAD_REQUEST"]
        ) { stack in
            return try stack.gateway.post("/v1/jobs", json: #"{"no":1}"#).status
        },
        Kind("what upstream does not have", ["status": 404, "grpc_status": "NOT_FOUND", "failed_by": "client"]) {
            stack in
            return try stack.answer(to: .status(5, "none")).status
        },
        Kind("an upstream that fails", ["status": 500, "grpc_status": "INTERNAL", "failed_by": "upstream"]) { stack in
            return try stack.answer(to: .status(13, "broken")).status
        },
        Kind("a connection that is lost", ["status": 503, "grpc_status": "UNAVAILABLE", "failed_by": "network"]) {
            stack in
            return try stack.answer(to: [.abort]).status
        },
        Kind("what is no gRPC", ["status": 503, "failed_by": "upstream"]) { stack in
            return try stack.answer(to: .http(502)).status
        },
        Kind(
            "an upstream that is late",
            ["status": 504, "grpc_status": "DEADLINE_EXCEEDED", "failed_by": "upstream", "reason": "DEADLINE_UPSTREAM"]
        ) { stack in
            return try stack.answer(to: .silence, headers: ["Grpc-Timeout": "50m"]).status
        },
        Kind("a request that breaks HTTP's rules", ["status": 400, "reason": "MALFORMED_REQUEST"]) { stack in
            let client = try stack.gateway.client()
            try client.send("GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            return try client.readResponse().status
        },
        Kind("too large a header", ["status": 431, "failed_by": "client", "reason": "HEADER_TOO_LARGE"]) { stack in
            let large = String(repeating: "x", count: 15_000)
            return try stack.gateway.client().get("/v1/jobs/a", headers: ["X-Large": large]).status
        },
        Kind("too long a target", ["status": 414, "reason": "URI_TOO_LONG"]) { stack in
            let target = "/v1/jobs/" + String(repeating: "x", count: 9_000)
            return try stack.gateway.client().get(target).status
        },
        Kind("too large a body", ["status": 413, "route": "/v1/jobs", "reason": "BODY_TOO_LARGE"]) { stack in
            let body = [UInt8](repeating: 0x20, count: 2_000)
            return try stack.gateway.client().request("POST", "/v1/jobs", body: body).status
        },
        Kind(
            "a client that goes",
            ["status": 499, "grpc_status": "CANCELLED", "failed_by": "client"]
        ) { stack in
            let before = stack.upstream.requests.count
            let client = try stack.gateway.client()
            try client.sendRequest("GET", stack.target(for: .silence))
            _ = stack.upstream.waitForRequests(before + 1)
            client.close()
            return nil
        },
        Kind(
            "a client that goes within its request",
            ["status": 499, "method": "POST", "failed_by": "client", "cut_off": true, "bytes_in": 4]
        ) { stack in
            let client = try stack.gateway.client()
            try client.send("POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{   ")
            client.shutdownSending()
            _ = client.isClosedByServer()
            return nil
        },
        Kind("bytes that are no text", ["status": 200, "user_agent": "\u{FFFD}a\"\\\t", "trace_id": nil]) { stack in
            let agent = HeaderField("User-Agent", bytes: [0xFF, 0x61, 0x22, 0x5C, 0x09, 0x62])
            let fields = [agent, HeaderField("traceparent", "00-x")]
            return try stack.gateway.client().get("/v1/jobs/a", headers: HeaderList(fields)).status
        },
    ]

    @Test(arguments: kinds)
    func eachKindOfRequestHasItsLine(kind: Kind) async throws {
        let watched = try WatchedStack(["--access-log", "json", "--max-body-bytes", "1000"])
        let status = try kind.send(watched.stack)
        let line = try await watched.log(1)[0]
        for (name, value) in kind.members where name != "user_agent" || value == .null {
            #expect(line[name] == value, "\(name): \(watched.logLines)")
        }
        if let agent = kind.members["user_agent"]?.text {
            #expect(line["user_agent"].text?.hasPrefix(agent) == true, "\(watched.logLines)")
        }
        #expect(watched.logLines[0].utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        if let status { #expect(line["status"] == .number(Double(status))) }
        // What every line has.
        #expect(line["time"].text?.count == 27)
        guard case .number(let duration) = line["duration_ms"], case .object(let phases) = line["phases_ms"] else {
            Issue.record("no times: \(watched.logLines)")
            return
        }
        let sum = phases.values.reduce(0.0) { sum, time in
            if case .number(let time) = time { sum + time } else { .nan }
        }
        // Each is cut to the microsecond.
        #expect(abs(sum - duration) < 0.01, "\(watched.logLines)")
        if kind.members["grpc_method"]?.text != nil {
            #expect(line["upstream"] == .string(watched.stack.upstream.address))
            #expect(phases["upstream"] != nil)
        }
        try watched.stop()
        #expect(watched.logLines.count == 1)
    }

    @Test
    func streamsAreLoggedAtTheirEnd() async throws {
        let stack = try FeedStack(["--access-log", "json"])
        defer { stack.upstream.stop() }
        func lines() -> [String] {
            stack.gateway.process.lines(.output).filter { $0.hasPrefix("{") }
        }
        stack.on(
            "Watch",
            [.grpcHeaders(), .message(FeedStack.event("1")), .message(FeedStack.event("2")), .grpcTrailers()]
        )
        let whole = try stack.get("/v1/events")
        #expect(whole.status == 200)
        try await eventually("a line") { lines().count == 1 }
        let good = try JSON(parsing: lines()[0])
        #expect(good["grpc_status"] == "OK")
        #expect(good["bytes_out"] == .number(Double(whole.body.count)))
        #expect(good["failed_by"] == nil)

        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1")), .grpcTrailers(8, "enough")])
        #expect(try stack.get("/v1/events").status == 200)
        try await eventually("another line") { lines().count == 2 }
        let bad = try JSON(parsing: lines()[1])
        #expect(bad["status"] == 200)
        #expect(bad["grpc_status"] == "RESOURCE_EXHAUSTED")
        #expect(bad["failed_by"] == "client")

        stack.on("Watch", [.grpcHeaders(), .message(FeedStack.event("1"))])
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/events")
        _ = try client.readHead()
        client.close()
        try await eventually("the last line") { lines().count == 3 }
        let gone = try JSON(parsing: lines()[2])
        #expect(gone["status"] == 200)
        #expect(gone["cut_off"] == true)
        #expect(gone["failed_by"] == "client")
        #expect(try stack.gateway.stop() == .code(0))
    }

    @Test
    func theCommonFormatIsWhatToolsRead() async throws {
        let watched = try WatchedStack(["--access-log", "common"])
        let agent = HeaderField("User-Agent", bytes: Array("x\"y\\".utf8) + [0x09, 0xE4])
        let fields = HeaderList([agent, HeaderField("Referer", "http://a.test/")])
        let body = try watched.stack.gateway.client().get("/v1/jobs/a%22", headers: fields).body
        #expect(try watched.stack.gateway.client().request("HEAD", "/nope").status == 404)
        try await eventually("two lines") { watched.logLines.count == 2 }
        let time = #/\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]/#
        let lines = watched.logLines.map { $0.replacing(time, with: "[T]") }
        #expect(
            lines == [
                #"127.0.0.1 - - [T] "GET /v1/jobs/a%22 HTTP/1.1" 200 \#(body.count) "http://a.test/" "x\x22y\x5c\x09\xe4""#,
                #"127.0.0.1 - - [T] "HEAD /nope HTTP/1.1" 404 - "-" "-""#,
            ]
        )
        try watched.stop()
    }
}
