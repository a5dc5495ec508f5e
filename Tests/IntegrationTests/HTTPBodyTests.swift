import GatewayTesting
import Testing

/// `google.api.HttpBody`: bytes that pass without becoming JSON.
@Suite
struct HTTPBodyTests {
    private static let binary: [UInt8] = [0x89, 0x50, 0, 255, 0xC3, 0x28, 10, 13, 0]

    @Test(arguments: [("GetFile", "/v1/files/logo.png"), ("GetAttachment", "/v1/attachments/logo.png")])
    func bytesComeAsTheyAre(method: String, target: String) throws {
        let stack = try FeedStack()
        let body = FeedStack.httpBody("image/png", HTTPBodyTests.binary)
        stack.on(method, .answer(method == "GetFile" ? body : ProtobufFixture.message { $0.bytes(2, body) }))
        let answer = try stack.get(target)
        #expect(answer.status == 200)
        #expect(answer.headers.values("content-type") == ["image/png"])
        #expect(answer["content-length"] == "9")
        #expect(answer["x-content-type-options"] == "nosniff")
        #expect(answer.body == HTTPBodyTests.binary)
        #expect(stack.upstream.requests.first?.messages == [ProtobufFixture.message { $0.string(1, "logo.png") }])
        try stack.stop()
    }

    @Test(arguments: [
        ("", "application/octet-stream"), ("a/b\r\nSet-Cookie: x=1", "application/octet-stream"),
        (" ", "application/octet-stream"), ("text", "application/octet-stream"),
        ("a/" + String(repeating: "b", count: 20_000), "application/octet-stream"),
    ])
    func aTypeThatIsNone(type: String, expected: String) throws {
        let stack = try FeedStack()
        stack.on("GetFile", .answer(FeedStack.httpBody(type, [1])))
        let answer = try stack.get("/v1/files/x")
        #expect(answer.headers.values("content-type") == [expected])
        #expect(answer["set-cookie"] == nil)
        #expect(answer.body == [1])
        try stack.stop()
    }

    /// Where the HttpBody is only a part of the answer, it is JSON like the rest.
    @Test
    func insideOfAMessageItIsJSON() throws {
        let stack = try FeedStack()
        let attachment = ProtobufFixture.message { message in
            message.string(1, "t")
            message.bytes(2, FeedStack.httpBody("a/b", [0, 255]))
        }
        stack.on("GetAttachment", .answer(attachment))
        let answer = try stack.gateway.get("/v1/attachments/x:describe")
        #expect(answer.json["content"] == ["contentType": "a/b", "data": "AP8=", "extensions": []])
        try stack.stop()
    }

    @Test
    func errorsAreJSONAllTheSame() throws {
        let stack = try FeedStack()
        stack.on("GetFile", .status(5, "no such file"))
        #expect(try stack.gateway.get("/v1/files/x").error["status"] == "NOT_FOUND")
        stack.on("GetFile", .answer([0x0A, 9]))
        #expect(try stack.gateway.get("/v1/files/x").error["status"] == "INTERNAL")
        try stack.stop()
    }

    @Test(arguments: ["application/pdf", "text/plain; charset=latin1", "application/json", nil])
    func requestsCarryBytes(contentType: String?) throws {
        let stack = try FeedStack()
        stack.on("PutFile", .answer(ProtobufFixture.message { $0.varint(1, Int64(9)) }))
        let headers: HeaderList = contentType.map { ["Content-Type": $0] } ?? [:]
        let client = try stack.gateway.client()
        let answer = try client.request(
            "PUT",
            "/v1/files/a%2Fb?overwrite=true",
            headers: headers,
            body: HTTPBodyTests.binary
        )
        #expect(answer.text == #"{"size":"9"}"#)
        let sent = try #require(stack.upstream.requests.first?.messages.first)
        let content = ProtobufFixture.message { body in
            if let contentType { body.string(1, contentType) }
            body.bytes(2, HTTPBodyTests.binary)
        }
        let (name, overwrite) = (
            ProtobufFixture.message { $0.string(1, "a/b") }, ProtobufFixture.message { $0.bool(3, true) }
        )
        #expect([name + overwrite, overwrite + name].contains { sent == [0x12, UInt8(content.count)] + content + $0 })
        try stack.stop()
    }

    @Test
    func aWholeRequestAndAnswer() throws {
        let stack = try FeedStack()
        stack.upstream.on("/feed.v1.Feed/Render") { .answer($0.messages.first ?? []) }
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let client = try stack.gateway.client()
        let answer = try client.request("POST", "/v1/render", headers: ["Content-Type": "x/y"], body: content)
        #expect(answer["content-type"] == "x/y")
        #expect(answer.body == content)
        let clash = try stack.gateway.post("/v1/render?contentType=a")
        #expect(clash.status == 400)
        try stack.stop()
    }

    @Test
    func aStreamOfBytes() throws {
        let stack = try FeedStack()
        stack.on(
            "Download",
            [
                .grpcHeaders(), .message(FeedStack.httpBody("text/csv", [1, 2])),
                .message(FeedStack.httpBody("ignored", [])), .message(FeedStack.httpBody("", [3])), .grpcTrailers(),
            ]
        )
        let answer = try stack.get("/v1/files/x:download", accept: "text/event-stream")
        #expect(answer["content-type"] == "text/csv")
        #expect(answer["transfer-encoding"] == "chunked")
        #expect(answer.body == [1, 2, 3])
        stack.on("Download", [.grpcHeaders(), .grpcTrailers()])
        let empty = try stack.get("/v1/files/x:download")
        #expect(empty.status == 200)
        #expect(empty["content-type"] == "application/octet-stream")
        #expect(empty.body.isEmpty)
        try stack.stop()
    }

    /// Bytes have no room for an error, so a stream of them that fails is visibly cut off.
    @Test
    func aStreamOfBytesThatFailsIsCutOff() throws {
        let stack = try FeedStack()
        stack.on(
            "Download",
            [.grpcHeaders(), .message(FeedStack.httpBody("text/csv", [1, 2])), .grpcTrailers(13, "disk")]
        )
        #expect(throws: RawHTTPError.self) { try stack.get("/v1/files/x:download") }
        let curl = try ChildProcess(
            "/usr/bin/curl",
            ["-sS", "-o", "/dev/null", "http://\(stack.gateway.address)/v1/files/x:download"]
        )
        curl.closeInput()
        // CURLE_PARTIAL_FILE
        #expect(try curl.waitForExit() == .code(18), "\(curl.transcript)")
        // Without chunks the end of the connection would look like the end of the body, so there is none.
        let old = try stack.gateway.client()
        try old.send("GET /v1/files/x:download HTTP/1.0\r\n\r\n")
        #expect(throws: RawHTTPError.reset) { try old.readToEnd() }
        try stack.stop()
    }
}
