import GatewayTesting
import Testing

/// `Expect: 100-continue` (RFC 9110, section 10.1.1).
@Suite(.sharedScriptedStack("--max-body-bytes", "1000"))
struct ExpectationTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    private func head(_ line: String, _ fields: [String]) -> String {
        let all = ["Host: x", "Expect: 100-Continue"] + fields
        return "\(line) HTTP/1.1\r\n" + all.map { "\($0)\r\n" }.joined() + "\r\n"
    }

    /// Not a byte of the body is sent.
    @Test(arguments: [
        ("POST /nope", ["Content-Length: 2"], 404), ("POST /nope", ["Transfer-Encoding: chunked"], 404),
        ("PUT /v1/jobs", ["Content-Length: 2"], 405), ("DELETE /v1/jobs", ["Content-Length: 2"], 405),
        ("POST /v1/jobs/%zz:cancel", ["Content-Length: 2"], 400),
        ("POST /v1/jobs", ["Content-Length: 2", "Content-Type: text/plain"], 415),
        ("POST /v1/jobs", ["Transfer-Encoding: chunked", "Content-Type: text/plain"], 415),
        ("POST /v1/jobs", ["Content-Length: 2", "Content-Encoding: br"], 415),
        ("POST /v1/jobs", ["Content-Length: 2", "Accept: text/html"], 406),
        ("POST /v1/jobs", ["Content-Length: 2000"], 413),
    ])
    func whatIsRefusedAnywayIsRefusedAtOnce(line: String, fields: [String], status: Int) throws {
        let client = try stack.gateway.client()
        let before = stack.upstream.requests.count
        try client.send(head(line, fields))
        let response = try client.readResponse()
        #expect(response.status == status)
        #expect(response["connection"]?.lowercased() == "close")
        #expect(try Answer(response).error["code"] == .number(Double(status)))
        #expect(client.isClosedByServer())
        #expect(stack.upstream.requests.count == before)
    }

    @Test(arguments: ["POST \(MLTraining.getJob)", "POST /v1/jobs/a:cancel", "OPTIONS /v1/jobs"])
    func othersAreLetGoOn(line: String) throws {
        stack.upstream.on("\(MLTraining.service)/CancelTrainingJob", .answer([]))
        let client = try stack.gateway.client()
        try client.send(head(line, ["Content-Length: 2", "Content-Type: application/json"]))
        #expect(try client.readHead().status == 100)
        try client.send("{}")
        #expect([200, 204].contains(try client.readResponse().status))
        #expect(try client.get("/v1/jobs/a").status == 200)
    }

    /// Nothing is waited for, so that the connection stays.
    @Test
    func withoutContentNothingChanges() throws {
        let client = try stack.gateway.client()
        try client.send(head("POST /nope", ["Content-Length: 0"]))
        #expect(try client.readResponse().status == 404)
        #expect(try client.get("/v1/jobs/a").status == 200)
    }
}
