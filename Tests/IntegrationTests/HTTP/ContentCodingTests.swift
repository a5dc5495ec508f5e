import Bytes
import Compression
import GatewayTesting
import Testing

/// Gzip in both directions.
@Suite
struct ContentCodingTests {
    private func gzip(_ content: [UInt8]) throws -> [UInt8] {
        let encoder = try #require(GzipEncoder())
        var output = ByteBuffer()
        #expect(content.withUnsafeBytes { encoder.encode($0, into: &output) })
        return Array(output.bytes)
    }

    private func gunzip(_ content: [UInt8]) throws -> [UInt8] {
        let decoder = try #require(GzipDecoder())
        var output = ByteBuffer()
        try content.withUnsafeBytes { try decoder.decode($0, limit: 1 << 24, into: &output) }
        return Array(output.bytes)
    }

    @Test
    func largeAnswersAreCompressedForThoseWhoTakeIt() throws {
        let stack = try FeedStack()
        // A message of nothing but defaults, some kilobytes of JSON.
        stack.on("ListWide", .answer(ProtobufFixture.message { list in for _ in 0..<4 { list.message(1) { _ in } } }))
        let client = try stack.gateway.client()
        let plain = try client.get("/v1/bursts:list")
        #expect(plain.body.count > 1024)
        #expect(plain["content-encoding"] == nil && plain["vary"] == "Accept, Accept-Encoding")
        let small = try client.get("/v1/bursts:list", headers: ["Accept-Encoding": "gzip"])
        #expect(small.status == 200)
        #expect(small["content-encoding"] == "gzip")
        #expect(small["content-type"] == "application/json")
        #expect(small["vary"] == "Accept, Accept-Encoding")
        #expect(small.body.count < plain.body.count / 4)
        #expect(try gunzip(small.body) == plain.body)
        // One content, two forms: only the plain one is the same byte by byte whoever makes it.
        let tag = try #require(plain["etag"])
        #expect(small["etag"] == "W/" + tag)
        for headers: HeaderList in [["Accept-Encoding": "gzip"], [:]] {
            for known in [tag, "W/" + tag] {
                let again = try client.get("/v1/bursts:list", headers: headers + ["If-None-Match": known])
                #expect(again.status == 304)
                #expect(again["etag"] == (headers.fields.isEmpty ? tag : "W/" + tag))
                let length = (headers.fields.isEmpty ? plain : small)["content-length"]
                #expect(again["content-length"] == nil || again["content-length"] == length)
            }
        }
        let head = try client.request("HEAD", "/v1/bursts:list", headers: ["Accept-Encoding": "gzip"])
        #expect(head["content-encoding"] == "gzip" && head["content-length"] == small["content-length"])
        for coding in ["identity", "br", "gzip;q=0", "gzip;q=0.1, identity"] {
            let answer = try client.get("/v1/bursts:list", headers: ["Accept-Encoding": coding])
            #expect(answer["content-encoding"] == nil && answer.body == plain.body)
        }
        let curl = try stack.gateway.curl("/v1/bursts:list", "--compressed")
        #expect(curl.status == 200 && curl.headers["content-encoding"] == "gzip")
        #expect(curl.json["items"].elements.count == 4)
        try stack.stop()
    }

    @Test
    func smallAnswersBytesAndStreamsAreNot() throws {
        let stack = try FeedStack()
        let client = try stack.gateway.client()
        stack.on("ListWide", .answer([]))
        stack.on("GetFile", .answer(FeedStack.httpBody("text/plain", [UInt8](repeating: 0x61, count: 5000))))
        stack.on("Burst", .answer([]))
        for target in ["/v1/bursts:list", "/v1/files/a", "/v1/bursts"] {
            let answer = try client.get(target, headers: ["Accept-Encoding": "gzip"])
            #expect(answer.status == 200 && answer["content-encoding"] == nil, "\(target)")
        }
        let only = try client.get("/v1/bursts:list", headers: ["Accept-Encoding": "gzip, identity;q=0"])
        #expect(only["content-encoding"] == "gzip")
        #expect(try gunzip(only.body) == Array(#"{"items":[]}"#.utf8))
        try stack.stop()
    }

    @Test
    func noCompression() throws {
        let stack = try FeedStack(["--no-compression"])
        stack.on("ListWide", .answer(ProtobufFixture.message { list in for _ in 0..<4 { list.message(1) { _ in } } }))
        let answer = try stack.get("/v1/bursts:list", headers: ["Accept-Encoding": "gzip"])
        #expect(answer["content-encoding"] == nil && answer["vary"] == "Accept")
        try stack.stop()
    }

    @Test
    func largeErrorsToo() throws {
        let stack = try ScriptedStack()
        let message = String(repeating: ", no such job", count: 100)
        let answer = try stack.gateway.client()
            .get(stack.target(for: .status(5, message)), headers: ["Accept-Encoding": "gzip"])
        #expect(answer.status == 404 && answer["content-encoding"] == "gzip")
        #expect(try JSON(parsing: gunzip(answer.body))["error"]["message"].text == message)
        try stack.stop()
    }

    @Test(arguments: ["gzip", "GZIP", "x-gzip", " gzip "])
    func requestBodiesAreInflated(coding: String) throws {
        let stack = try ScriptedStack()
        let body = try gzip(Array(#"{"id": "packed"}"#.utf8))
        let headers: HeaderList = ["Content-Type": "application/json", "Content-Encoding": coding]
        let client = try stack.gateway.client()
        let answer = try Answer(client.request("POST", MLTraining.getJob, headers: headers, body: body))
        #expect(answer.json["metadata"]["id"] == "packed", "\(answer)")
        // Nothing is nothing in any coding.
        #expect(try client.request("POST", MLTraining.getJob, headers: headers, body: []).status == 200)
        try stack.stop()
    }

    @Test
    func bytesAreInflatedToo() throws {
        let stack = try FeedStack()
        stack.on("PutFile", .answer([]))
        let content = [UInt8](repeating: 7, count: 3000)
        let answer = try stack.gateway.client()
            .request(
                "PUT",
                "/v1/files/a",
                headers: ["Content-Type": "image/png", "Content-Encoding": "gzip"],
                body: gzip(content)
            )
        #expect(answer.status == 200)
        let expected = ProtobufFixture.message { request in
            request.string(1, "a")
            request.bytes(2, FeedStack.httpBody("image/png", content))
        }
        #expect(stack.upstream.requests.first?.messages.first?.count == expected.count)
        try stack.stop()
    }

    @Test
    func whatIsWrongWithThem() throws {
        let stack = try ScriptedStack(["--max-body-bytes", "1000"])
        let client = try stack.gateway.client()
        let small = try gzip(Array("{}".utf8))
        let bomb = try gzip([UInt8](repeating: 0x20, count: 100_000))
        let exact = try gzip(Array("{}".utf8) + [UInt8](repeating: 0x20, count: 998))
        let over = try gzip(Array("{}".utf8) + [UInt8](repeating: 0x20, count: 999))
        let cases: [(String, [UInt8], Int, JSON)] = [
            ("gzip", Array("{}".utf8), 400, "MALFORMED_REQUEST"), ("gzip", small.dropLast(), 400, "MALFORMED_REQUEST"),
            ("gzip", small + [0], 400, "MALFORMED_REQUEST"), ("gzip", over, 413, "BODY_TOO_LARGE"),
            ("gzip", bomb, 413, "BODY_TOO_LARGE"), ("br", small, 415, "UNSUPPORTED_CONTENT_CODING"),
            ("deflate", small, 415, "UNSUPPORTED_CONTENT_CODING"),
            ("gzip, gzip", small, 415, "UNSUPPORTED_CONTENT_CODING"),
        ]
        for (coding, body, status, reason) in cases {
            let headers: HeaderList = ["Content-Type": "application/json", "Content-Encoding": coding]
            let response = try client.request("POST", "/v1/jobs", headers: headers, body: body)
            #expect(response.status == status, "\(coding) \(body.count)")
            #expect(try Answer(response).detail("ErrorInfo")["reason"] == reason)
            #expect(response["accept-encoding"] == (status == 415 ? "gzip" : nil))
        }
        #expect(stack.upstream.requests.isEmpty)
        for (coding, body) in [("gzip", exact), ("gzip", small + small.prefix(0)), ("identity", Array("{}".utf8))] {
            let headers: HeaderList = ["Content-Type": "application/json", "Content-Encoding": coding]
            #expect(try client.request("POST", MLTraining.getJob, headers: headers, body: body).status == 200)
        }
        try stack.stop()
    }
}
