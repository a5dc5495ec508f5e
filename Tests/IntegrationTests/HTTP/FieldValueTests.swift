import Bytes
import Compression
import GatewayTesting
import Testing

/// White space behind a value is no part of it (RFC 9110, section 5.5), and several lines are one list (section 5.3).
@Suite(.sharedScriptedStack("--cors-origin", "https://app.example.com"))
struct FieldValueTests {
    private static let page = "https://app.example.com"

    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test(arguments: [" ", "\t", " \t "])
    func spaceBehindAValueIsNotLookedAt(space: String) throws {
        let client = try stack.gateway.client()
        let answer = try client.get(
            "/v1/jobs/a",
            headers: [
                "Grpc-Timeout": "7S" + space, "X-Request-Id": "abc" + space, "Origin": FieldValueTests.page + space,
                "Accept": "application/json" + space, "Authorization": "Bearer t" + space,
                "Grpc-Metadata-X-Team": "red" + space, "Accept-Encoding": "gzip" + space,
            ]
        )
        #expect(answer.status == 200)
        #expect(answer["x-request-id"] == "abc")
        #expect(answer["access-control-allow-origin"] == FieldValueTests.page)
        let call = try #require(stack.upstream.requests.last)
        #expect(call.headers["x-request-id"] == "abc" && call.headers["x-team"] == "red")
        #expect(call.headers["authorization"] == "Bearer t")
        #expect(call.timeout != nil)
        let tag = try #require(answer["etag"])
        let headers: HeaderList = ["If-None-Match": tag + space]
        #expect(try client.get("/v1/jobs/a", headers: headers).status == 304)
        let preflight = try client.request(
            "OPTIONS",
            "/v1/jobs",
            headers: [
                "Origin": FieldValueTests.page + space, "Access-Control-Request-Method": "POST" + space,
                "Access-Control-Request-Headers": "content-type" + space,
            ]
        )
        #expect(preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST")
        #expect(preflight["access-control-allow-headers"] == "content-type")
        let typed = try client.post(
            MLTraining.getJob,
            json: #"{"id": "a"}"#,
            headers: ["Content-Encoding": "identity" + space]
        )
        #expect(typed.status == 200)
    }

    @Test(arguments: [" ", "\t"])
    func spaceBehindHost(space: String) throws {
        let client = try stack.gateway.client()
        try client.send("GET /v1/jobs/a HTTP/1.1\r\nHost: localhost\(space)\r\n\r\n")
        #expect(try client.readResponse().status == 200)
        #expect(stack.upstream.requests.last?.headers["x-forwarded-host"] == "localhost")
    }

    @Test(arguments: [
        (["gzip", "br"], true, 415), (["identity", "gzip"], true, 200), (["gzip", "gzip"], true, 415),
        (["identity", "br"], false, 415), (["identity", "identity"], false, 200), (["", "gzip"], true, 200),
    ])
    func contentEncodingsOnSeveralLines(codings: [String], isGzip: Bool, status: Int) throws {
        let json = Array(#"{"id": "packed"}"#.utf8)
        var packed = ByteBuffer()
        let encoder = try #require(GzipEncoder())
        #expect(json.withUnsafeBytes { encoder.encode($0, into: &packed) })
        let body = isGzip ? Array(packed.bytes) : json
        var separate: HeaderList = ["Content-Type": "application/json"]
        for coding in codings { separate.append("Content-Encoding", coding) }
        let joined: HeaderList = [
            "Content-Type": "application/json", "Content-Encoding": codings.joined(separator: ", "),
        ]
        for headers in [separate, joined] {
            let answer = try Answer(
                stack.gateway.client().request("POST", MLTraining.getJob, headers: headers, body: body)
            )
            #expect(answer.status == status, "\(headers)")
            if status == 200 { #expect(answer.json["metadata"]["id"] == "packed") }
        }
    }

    @Test(
        arguments: [
            (["deflate", "gzip"], "gzip"), (["gzip", "gzip;q=0"], nil), (["gzip;q=0", "gzip"], nil),
            (["identity", "br;q=0.1", "gzip;q=0.5"], nil), (["gzip", "identity;q=0.5"], "gzip"),
        ] as [([String], String?)]
    )
    func acceptEncodingsOnSeveralLines(lines: [String], coding: String?) throws {
        let stack = try FeedStack()
        stack.on("ListWide", .answer(ProtobufFixture.message { list in for _ in 0..<4 { list.message(1) { _ in } } }))
        var headers = HeaderList()
        for line in lines { headers.append("Accept-Encoding", line) }
        #expect(try stack.gateway.client().get("/v1/bursts:list", headers: headers)["content-encoding"] == coding)
        try stack.stop()
    }

    @Test(arguments: [
        (["*/*", "application/json;q=0"], 406), (["application/json;q=0", "*/*"], 406), (["text/html", "*/*"], 200),
        (["text/html", "image/png"], 406), (["*/*", "*/*"], 200),
    ])
    func acceptsOnSeveralLines(lines: [String], status: Int) throws {
        var headers = HeaderList()
        for line in lines { headers.append("Accept", line) }
        #expect(try stack.gateway.client().get("/v1/jobs/a", headers: headers).status == status)
    }
}
