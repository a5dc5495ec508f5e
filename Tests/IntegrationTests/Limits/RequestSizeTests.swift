import GatewayTesting
import Testing

/// Limits on what a request holds: at each of them, and one above.
@Suite(
    .sharedScriptedStack("--max-body-bytes", "1000", "--max-header-bytes", "4096", "--max-uri-bytes", "300")
)
struct RequestSizeTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    private func expect(_ response: RawHTTPResponse, _ status: Int, _ reason: String) throws {
        let answer = try Answer(response)
        #expect(answer.status == status)
        #expect(answer.error["code"] == .number(Double(status)))
        #expect(answer.detail("ErrorInfo")["reason"].text == reason)
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["x-request-id"] != nil)
    }

    @Test(arguments: [false, true])
    func bodies(isChunked: Bool) throws {
        let path = "/v1/jobs/size:cancel"
        for (count, isTaken) in [(999, true), (1000, true), (1001, false), (100_000, false)] {
            let client = try stack.gateway.client()
            let body = Array("{\"".utf8) + [UInt8](repeating: 0x20, count: count - 2)
            if isChunked {
                try client.send("POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                try? client.send(Array("\(String(count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8))
            } else {
                try? client.sendRequest("POST", path, body: body)
            }
            let response = try client.readResponse()
            // The body is no JSON, which is for the next check to tell.
            if isTaken { #expect(response.status == 400) } else { try expect(response, 413, "BODY_TOO_LARGE") }
        }
    }

    @Test
    func targets() throws {
        for (count, isTaken) in [(299, true), (300, true), (301, false), (2000, false), (6100, false), (20_000, false)]
        {
            let target = "/v1/jobs/" + String(repeating: "a", count: count - 9)
            let response = try send(target)
            if isTaken { #expect(response.status == 200) } else { try expect(response, 414, "URI_TOO_LONG") }
            // The query is part of it.
            let query = "/v1/jobs?pageToken=" + String(repeating: "a", count: count - 19)
            let other = try send(query)
            if isTaken { #expect(other.status == 400) } else { try expect(other, 414, "URI_TOO_LONG") }
        }
    }

    private func send(_ target: String) throws -> RawHTTPResponse {
        let client = try stack.gateway.client()
        // The gateway may have refused it before all is sent.
        try? client.sendRequest("GET", target)
        return try client.readResponse()
    }

    /// More than libmicrohttpd has memory for, on connections that were in use before, while others wait in between.
    @Test
    func whatFillsTheMemoryIsRefusedInOurWords() throws {
        let method = "/viam.app.mltraining.v1.MLTrainingService/GetTrainingJob"
        let json = #"{"id": "first""# + String(repeating: " ", count: 900) + "}"
        let others = try (0..<20).map { _ in try stack.gateway.client() }
        for (number, client) in others.enumerated() {
            if number % 2 == 0 { #expect(try client.get("/v1/jobs/other").status == 200) }
            if number % 3 == 0 { try client.send("GET /v1/jobs/other HTTP/1.1\r\nHost: x\r\nX-Other: \(number)\r\n") }
        }
        for parts in [["X-L: ", ""], ["X-L: a\r\n", ""], ["Cookie: a=b", "; c=d"]] {
            let client = try stack.gateway.client()
            for _ in 0..<3 {
                #expect(try client.get("/v1/jobs/first").status == 200)
                #expect(try client.post(method, json: json).status == 200)
            }
            let piece = parts[1].isEmpty ? parts[0] : parts[1]
            let lines = parts[0] + String(repeating: piece, count: 30_000 / piece.utf8.count)
            try? client.send("GET /v1/jobs/x HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n")
            try expect(client.readResponse(), 431, "HEADER_TOO_LARGE")
            #expect(client.isClosedByServer())
        }
        for (number, client) in others.enumerated() {
            if number % 3 == 0 { try client.send("\r\n") } else { try client.sendRequest("GET", "/v1/jobs/other") }
            #expect(try client.readResponse().status == 200)
        }
    }

    /// The text of the header block and 64 bytes for each field.
    @Test
    func headers() throws {
        let start = "GET /v1/jobs/header HTTP/1.1\r\nHost: x\r\nX-Large: "
        for (count, isTaken) in [(4095, true), (4096, true), (4097, false), (4500, false), (20_000, false)] {
            let client = try stack.gateway.client()
            let filling = String(repeating: "a", count: count - 2 * 64 - start.utf8.count - 4)
            try? client.send(start + filling + "\r\n\r\n")
            let response = try client.readResponse()
            if isTaken {
                #expect(response.status == 200, "\(count)")
            } else {
                try expect(response, 431, "HEADER_TOO_LARGE")
                #expect(client.isClosedByServer())
            }
        }
    }
}
