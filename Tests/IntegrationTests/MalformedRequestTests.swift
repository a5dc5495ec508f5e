import GatewayTesting
import Testing

/// Requests that break HTTP's own rules, through the built gateway: the contract's shape, the end of the connection, and
/// not a byte to upstream.
@Suite(.sharedScriptedStack())
struct MalformedRequestTests {
    private let stack: ScriptedStack
    private static let get = "GET /v1/jobs/0 HTTP/1.1\r\nHost: x\r\n"
    private static let post = "POST /v1/jobs HTTP/1.1\r\nHost: x\r\n"

    init() throws {
        stack = try SharedScriptedStack.current
    }

    /// Sends `text`, in ISO 8859-1, and a good request behind it, which must not be taken for one.
    private func answer(to text: String) throws -> Answer {
        let client = try stack.gateway.client()
        let bytes = (text + MalformedRequestTests.get + "\r\n").unicodeScalars
        try client.send(bytes.map { UInt8(truncatingIfNeeded: $0.value) })
        let response = try client.readResponse()
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
        #expect(stack.upstream.requests.isEmpty)
        return try Answer(response)
    }

    private func expect(_ answer: Answer, _ status: Int, _ code: JSON, _ reason: JSON, naming text: String) {
        #expect(answer.status == status)
        #expect(answer.json.names == ["error"])
        #expect(answer.error.names == ["code", "status", "message", "details"])
        #expect(answer.error["code"] == .number(Double(status)))
        #expect(answer.error["status"] == code)
        #expect(answer.error["message"].text?.contains(text) == true, "\(answer.error)")
        #expect(answer.detail("ErrorInfo")["reason"] == reason)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["x-request-id"]?.utf8.count == 32)
    }

    @Test(arguments: [
        (post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding"),
        (post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length"),
        (post + "Content-Length: +2\r\n\r\n{}", "Content-Length"),
        (post + "Content-Length: 0x2\r\n\r\n{}", "Content-Length"),
        (post + "Content-Length:\r\n\r\n{}", "Content-Length"),
        (post + "Transfer-Encoding: gzip\r\n\r\n{}", "Transfer-Encoding"),
        (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding"),
        ("GET /v1/jobs/0 HTTP/1.1\r\n\r\n", "Host"),
        (get + "Host: x\r\n\r\n", "Host"),
        ("GET /v1/jobs/0 HTTP/1.1\r\nHost: a/b\r\n\r\n", "Host"),
        (get + "X-A : b\r\n\r\n", "colon"),
        (get + "X-A: b\r\n c\r\n\r\n", "folded"),
        (get + "X-A: b\n\r\n", "CR LF"),
        (get + "X-A: b\0c\r\n\r\n", "NUL"),
        (get + "X-A: b\u{1}c\r\n\r\n", "control character"),
        ("GET /v1/jobs/\0 HTTP/1.1\r\nHost: x\r\n\r\n", "NUL"),
        ("GET /v1/jobs/\u{E9} HTTP/1.1\r\nHost: x\r\n\r\n", "percent-encoded"),
        ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", "request target"),
        ("G@T /v1/jobs/0 HTTP/1.1\r\nHost: x\r\n\r\n", "method"),
        ("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", "CONNECT"),
    ])
    func isRefused(text: String, rule: String) throws {
        expect(try answer(to: text), 400, "INVALID_ARGUMENT", "MALFORMED_REQUEST", naming: rule)
    }

    @Test
    func otherVersions() throws {
        let answer = try answer(to: "GET /v1/jobs/0 HTTP/1.2\r\nHost: x\r\n\r\n")
        expect(answer, 505, "UNIMPLEMENTED", "HTTP_VERSION_NOT_SUPPORTED", naming: "version")
    }

    @Test
    func aLengthBeyondAllNumbers() throws {
        let answer = try answer(to: MalformedRequestTests.post + "Content-Length: 99999999999999999999999\r\n\r\n")
        expect(answer, 413, "RESOURCE_EXHAUSTED", "BODY_TOO_LARGE", naming: "Content-Length")
    }

    /// As far as libmicrohttpd's memory reaches; beyond that it answers 414 or 431 with a page of its own.
    @Test(arguments: [14_500, 15_000, 15_800, 16_100, 16_200])
    func targetsThatLeaveNoRoom(length: Int) throws {
        let target = "/" + String(repeating: "x", count: length - 1)
        let answer = try answer(to: "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        expect(answer, 414, "INVALID_ARGUMENT", "URI_TOO_LONG", naming: "8192 bytes")
    }

    @Test(arguments: [(16_500, 414), (100_000, 414)])
    func targetsBeyondAllRoom(length: Int, status: Int) throws {
        let client = try stack.gateway.client()
        try client.send("GET /" + String(repeating: "x", count: length) + " HTTP/1.1\r\nHost: x\r\n\r\n")
        let response = try client.readResponse()
        #expect(response.status == status)
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
    }

    @Test(arguments: [15_000, 15_800, 16_000, 16_150])
    func headersThatLeaveNoRoom(length: Int) throws {
        let padding = String(repeating: "x", count: length)
        let answer = try answer(to: MalformedRequestTests.get + "X-Padding: \(padding)\r\n\r\n")
        expect(answer, 431, "INVALID_ARGUMENT", "HEADER_TOO_LARGE", naming: "header")
    }

    @Test(arguments: [900, 1200, 1600, 2000])
    func cookiesThatLeaveNoRoom(count: Int) throws {
        let cookies = String(repeating: "a=b; ", count: count)
        let answer = try answer(to: MalformedRequestTests.get + "Cookie: \(cookies)\r\n\r\n")
        expect(answer, 431, "INVALID_ARGUMENT", "HEADER_TOO_LARGE", naming: "header")
    }

    /// One header in several lines means the same as in one (RFC 9110, section 5.3).
    @Test
    func acceptInSeveralLines() throws {
        let headers: HeaderList = ["Accept": "text/html", "accept": "application/problem+json;q=0.9"]
        let response = try stack.gateway.client().get("/nope", headers: headers)
        #expect(response["content-type"] == "application/problem+json")
    }
}
