import GatewayTesting
import Testing

/// Which of a request's header fields reach upstream, and as what.
@Suite(.sharedScriptedStack())
struct MetadataTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    /// What upstream gets of a `GET` with `headers`, which must be answered well.
    private func metadata(_ headers: HeaderList, _ id: String = #function) throws -> HeaderList {
        let id = id.filter(\.isLetter) + "\(headers.hashValue)"
        let answer = try stack.gateway.get("/v1/jobs/\(id)", headers: headers)
        #expect(answer.status == 200)
        let request = stack.upstream.requests.last { MLTraining.id(in: $0) == id }
        return try #require(request).headers
    }

    @Test
    func customMetadataKeepsItsOrder() throws {
        let seen = try metadata([
            "Grpc-Metadata-X-Team": "blue", "GRPC-METADATA-x_Tag.1": "a b;c=\"d\"", "grpc-metadata-X-TEAM": "red",
            "Grpc-Metadata-Empty": "", "X-Team": "green",
        ])
        #expect(seen.values("x-team") == ["blue", "red"])
        #expect(seen.values("x_tag.1") == ["a b;c=\"d\""])
        #expect(seen.values("empty") == [""])
        #expect(!seen.fields.contains { $0.name.hasPrefix("grpc-metadata") })
    }

    @Test(arguments: [
        ("AP8B", ["AP8B"]), ("AP8=", ["AP8"]), ("AP8", ["AP8"]), ("", [""]), ("AP8=,AQ==", ["AP8", "AQ"]),
        // The last bits of a last letter say nothing.
        ("AP9=", ["AP8"]),
    ])
    func binaryMetadata(sent: String, received: [String]) throws {
        #expect(try metadata(["Grpc-Metadata-Key-Bin": sent]).values("key-bin") == received)
    }

    @Test(
        arguments: [
            ["Grpc-Metadata-Key-Bin": "A"], ["Grpc-Metadata-Key-Bin": "AP-_"], ["Grpc-Metadata-Key-Bin": "AA==, !"],
            ["Grpc-Metadata-": "x"], ["Grpc-Metadata-A!": "x"], ["Grpc-Metadata-X": "caf\u{E9}"],
            ["Authorization": "Bearer a", "authorization": "Bearer b"], ["Authorization": "caf\u{E9}"],
        ] as [HeaderList]
    )
    func whatCannotBeMetadataIs400(headers: HeaderList) throws {
        let before = stack.upstream.requests.count
        let answer = try stack.gateway.get("/v1/jobs/refused", headers: headers)
        #expect(answer.status == 400)
        #expect(answer.error["status"] == "INVALID_ARGUMENT")
        #expect(answer.detail("ErrorInfo")["reason"] == "MALFORMED_REQUEST")
        #expect(!stack.upstream.requests[before...].contains { MLTraining.id(in: $0) == "refused" })
    }

    @Test(arguments: [
        "Grpc-Timeout", "Grpc-Status", "Content-Type", "Content-Length", "TE", "Host", "User-Agent", "Connection",
        "Keep-Alive", "Proxy-Authorization", "Transfer-Encoding", "Upgrade", "Trailer", "Authorization",
        "X-Forwarded-For", "Forwarded", "X-Request-Id",
    ])
    func reservedNamesAreNotAClientsToSet(name: String) throws {
        let answer = try stack.gateway.get("/v1/jobs/reserved", headers: ["Grpc-Metadata-\(name)": "1S"])
        #expect(answer.status == 400)
        #expect(answer.error["message"].text?.contains("\"\(name.lowercased())\"") == true)
    }

    /// libmicrohttpd takes such a name for what it is; nothing of it may reach HTTP/2's pseudo header fields.
    @Test
    func pseudoNamesDoNotPass() throws {
        let client = try stack.gateway.client()
        try client.send("GET /v1/jobs/pseudo HTTP/1.1\r\nHost: h\r\nGrpc-Metadata-:path: /evil\r\n\r\n")
        let answer = try client.readResponse()
        #expect(answer.status == 400 || answer.status == 200)
        for request in stack.upstream.requests { #expect(request.headers.values(":path") == [request.path]) }
    }

    @Test
    func tracesPass() throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let seen = try metadata([
            "Traceparent": trace, "Tracestate": "a=1", "tracestate": "b=2", "Baggage": "user=x;p=1, y=z",
        ])
        #expect(seen.values("traceparent") == [trace])
        #expect(seen.values("tracestate") == ["a=1", "b=2"])
        #expect(seen.values("baggage") == ["user=x;p=1, y=z"])
        // What breaks a trace does not break the request.
        #expect(try metadata(["Baggage": "caf\u{E9}"])["baggage"] == nil)
    }

    @Test
    func theRequestIDPasses() throws {
        for given in ["mine-1", nil] {
            let headers: HeaderList = given.map { ["X-Request-Id": $0] } ?? [:]
            let answer = try stack.gateway.get("/v1/jobs/id-\(given ?? "none")", headers: headers)
            let id = try #require(answer.headers["x-request-id"])
            let request = stack.upstream.requests.last { MLTraining.id(in: $0) == "id-\(given ?? "none")" }
            #expect(request?.headers.values("x-request-id") == [id])
            #expect(given == nil ? id.utf8.count == 32 : id == given)
        }
    }

    /// Of that, a client has no say; see also `Proxy`.
    @Test
    func theWayIsWhatTheGatewaySees() throws {
        let headers: [HeaderList] = [
            ["Host": "api.example:8443"],
            [
                "Host": "api.example:8443", "X-Forwarded-For": "203.0.113.7, 10.0.0.1", "x-forwarded-for": "10.0.0.2",
                "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https",
            ],
        ]
        for headers in headers {
            let seen = try metadata(headers)
            #expect(seen.values("x-forwarded-for") == ["127.0.0.1"])
            #expect(seen.values("x-forwarded-host") == ["api.example:8443"])
            #expect(seen.values("x-forwarded-proto") == ["http"])
        }
    }

    @Test
    func whatConnectionNamesDoesNotPass() throws {
        let seen = try metadata([
            "Connection": "keep-alive, grpc-metadata-a, B, Traceparent", "Grpc-Metadata-A": "1", "Grpc-Metadata-B": "2",
            "Grpc-Metadata-C": "3", "Traceparent": "x", "Keep-Alive": "5", "Proxy-Authorization": "p", "TE": "gzip",
        ])
        #expect(seen["a"] == nil)
        #expect(seen["b"] == nil)
        #expect(seen["c"] == "3")
        #expect(seen["traceparent"] == nil)
        #expect(seen["keep-alive"] == nil)
        #expect(seen["proxy-authorization"] == nil)
        #expect(seen.values("te") == ["trailers"])
    }

    @Test
    func thereIsALimit() throws {
        let fields = { (count: Int, length: Int) in
            HeaderList((0..<count).map { _ in HeaderField("Grpc-Metadata-A", String(repeating: "v", count: length)) })
        }
        #expect(try metadata(fields(64, 1)).values("a").count == 64)
        #expect(try metadata(fields(8, 1023)).values("a").count == 8)
        for headers in [fields(65, 1), fields(8, 1024)] {
            let answer = try stack.gateway.get("/v1/jobs/many", headers: headers)
            #expect(answer.status == 431)
            #expect(answer.detail("ErrorInfo")["reason"] == "METADATA_TOO_LARGE")
        }
        // A credential has a limit of its own, that of the header.
        let token = "Bearer " + String(repeating: "t", count: 9000)
        #expect(try metadata(["Authorization": token])["authorization"] == token)
    }
}
