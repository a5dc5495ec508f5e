import Glibc
import Testing

@testable import GatewayTesting

@Suite
struct RawHTTPClientTests {
    private static let headEnd = "\r\n\r\n"

    @Test
    func readsAnAnswerWithContentLength() throws {
        let server = try OneShotServer(
            answering: ["HTTP/1.1 404 Not ", "Found\r\nContent-Type: text/plain\r\nX-A: 1\r\nx-a:2 \r\nConte"]
                + ["nt-Length: 5\r\nConnection: close\r\n\r", "\nhel", "lo"],
            after: RawHTTPClientTests.headEnd
        )
        let client = try RawHTTPClient(port: server.port)
        let response = try client.get("/a?b=c", headers: ["X-Custom": "v"])
        #expect(server.text == "GET /a?b=c HTTP/1.1\r\nHost: localhost\r\nX-Custom: v\r\n\r\n")
        #expect(response.status == 404)
        #expect(response.reason == "Not Found")
        #expect(response["content-type"] == "text/plain")
        #expect(response.headers.values("X-A") == ["1", "2"])
        #expect(response.text == "hello")
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
    }

    @Test
    func readsPipelinedAnswersOfEveryForm() throws {
        let server = try OneShotServer(
            answering: [
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123"
                    + "456789\r\n0\r\nX-Trailer: t\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end",
            ],
            after: "last\r\n\r\n"
        )
        let client = try RawHTTPClient(port: server.port)
        try client.send(
            "GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\nGET /4 HTTP/1.1\r\nX: last\r\n\r\n"
        )
        let chunked = try client.readResponse()
        #expect(chunked.text == "abc0123456789")
        #expect(chunked.trailers["x-trailer"] == "t")
        let head = try client.readResponse(to: "HEAD")
        #expect(head["content-length"] == "700")
        #expect(head.body.isEmpty)
        #expect(try client.readResponse().status == 304)
        #expect(try client.readResponse().text == "to the end")
    }

    @Test
    func readsABodyPieceByPiece() throws {
        let server = try OneShotServer(
            answering: [
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nab",
                "c\r\n2;x\r\nde\r\n0\r\nX-T: t\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nf\r\n", "5\r\ncut",
            ],
            after: RawHTTPClientTests.headEnd
        )
        let client = try RawHTTPClient(port: server.port)
        try client.sendRequest("GET", "/")
        #expect(try client.readHead()["transfer-encoding"] == "chunked")
        #expect(try client.readChunk() == Array("abc".utf8))
        #expect(try client.readChunk() == Array("de".utf8))
        #expect(try client.readChunk() == nil)
        #expect(try client.readHead().status == 200)
        #expect(try client.readChunk() == Array("f".utf8))
        #expect(throws: RawHTTPError.closed(received: "cut")) { try client.readChunk() }
        #expect(try client.readSome() == Array("cut".utf8))
        #expect(try client.readSome().isEmpty)
    }

    @Test
    func interimAnswersCountWhenAskedFor() throws {
        let server = try OneShotServer(
            answering: ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"],
            after: "{}"
        )
        let client = try RawHTTPClient(address: "127.0.0.1:\(server.port)")
        try client.sendRequest("POST", "/", headers: ["Expect": "100-continue"], body: Array("{}".utf8))
        #expect(try client.readResponse(includingInterim: true).status == 100)
        #expect(try client.readResponse(includingInterim: true).status == 204)
    }

    @Test
    func postsJSON() throws {
        let server = try OneShotServer(answering: ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], after: "{\"a\":1}")
        let client = try RawHTTPClient(port: server.port)
        #expect(try client.post("/x", json: "{\"a\":1}").status == 200)
        let head = "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\nContent-Type: application/json\r\n\r\n"
        #expect(server.text == head + "{\"a\":1}")
    }

    @Test(arguments: [
        "HTTP/1.1 200\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \u{1}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ])
    func malformedAnswersAreErrors(answer: String) throws {
        let server = try OneShotServer(answering: [answer], after: RawHTTPClientTests.headEnd)
        let client = try RawHTTPClient(port: server.port)
        try client.sendRequest("GET", "/")
        let error = #expect(throws: RawHTTPError.self) { _ = try client.readResponse() }
        guard case .malformed = error else {
            Issue.record("\(answer.debugDescription) gave \(String(describing: error))")
            return
        }
    }

    @Test
    func tellsAnEndFromAResetFromSilence() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
        let closing = try OneShotServer(answering: [head], after: RawHTTPClientTests.headEnd)
        #expect(throws: RawHTTPError.closed(received: "abc")) {
            _ = try RawHTTPClient(port: closing.port).get("/")
        }
        let resetting = try OneShotServer(answering: [], after: RawHTTPClientTests.headEnd, ending: .abort)
        #expect(throws: RawHTTPError.reset) { _ = try RawHTTPClient(port: resetting.port).get("/") }
        let silent = try OneShotServer(answering: [head], after: RawHTTPClientTests.headEnd, ending: .no)
        let client = try RawHTTPClient(port: silent.port, timeout: .milliseconds(50))
        #expect(throws: RawHTTPError.timeout(received: "abc")) { _ = try client.get("/") }
    }

    @Test
    func nobodyListens() throws {
        let reservation = try PortReservation()
        let error = #expect(throws: SystemError.self) { _ = try RawHTTPClient(port: reservation.port) }
        #expect(error?.code == ECONNREFUSED)
        #expect(throws: SystemError.self) { _ = try RawHTTPClient(address: "unix:/nowhere/at/all") }
        #expect(throws: SystemError.self) { _ = try RawHTTPClient(address: "no port") }
    }

    @Test
    func talksToARealServer() throws {
        let python = try ChildProcess(
            "/usr/bin/env",
            ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "/proc/self"]
        )
        let text = try python.waitForLine(prefix: "Serving HTTP on 127.0.0.1 port ")
        let port = try #require(UInt16(text.prefix { $0 != " " }))
        let response = try RawHTTPClient(port: port).get("/no/such/file")
        #expect(response.status == 404)
        #expect(response["server"]?.hasPrefix("SimpleHTTP") == true)
        try python.terminate()
    }
}
