import GatewayTesting
import HTTPServer
import Testing

/// Requests that break HTTP's rules, as bytes on the wire: refused by the handler, and the connection closed.
@Suite
struct MalformedRequestTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: x\r\n"
    private static let post = "POST /a HTTP/1.1\r\nHost: x\r\n"
    /// What would be answered 200 if it were taken for a request.
    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

    private func start() throws -> RunningServer {
        try RunningServer { exchange, writer, thread in
            let name = exchange.fault.map { "\($0)" } ?? (exchange.headerIsTooLarge ? "headerIsTooLarge" : "none")
            thread.note(name)
            writer.send(status: exchange.fault?.status ?? (exchange.headerIsTooLarge ? 431 : 200), text: name)
        }
    }

    /// Sends `text`, in ISO 8859-1, and more behind it; expects one answer, and the end of the connection.
    private func expectRefusal(
        _ text: String,
        _ fault: RequestFault,
        _ server: RunningServer,
        byteByByte: Bool = false
    ) throws {
        let client = try server.client()
        let bytes = (text + MalformedRequestTests.smuggled).unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        if byteByByte {
            // The server may close before all is sent.
            for byte in bytes where (try? client.send([byte])) == nil { break }
        } else {
            try client.send(bytes)
        }
        let response = try client.readResponse()
        #expect(response.status == Int(fault.status), "\(text.debugDescription)")
        #expect(response.text == "\(fault)", "\(text.debugDescription)")
        #expect(response.announcesClose)
        #expect(response["date"]?.hasSuffix(" GMT") == true)
        #expect(response["content-type"] == "text/plain")
        #expect(client.isClosedByServer())
        #expect(server.notes == ["\(fault)"], "\(text.debugDescription)")
    }

    static let table: [(String, RequestFault)] = [
        ("G@T / HTTP/1.1\r\nHost: x\r\n\r\n", .method),
        ("GE\0T / HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
        ("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", .connect),
        ("GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
        ("GET /a?b\0 HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
        ("GET  /a HTTP/1.1\r\nHost: x\r\n\r\n", .requestLine),
        ("GET /a  HTTP/1.1\r\nHost: x\r\n\r\n", .target),
        ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", .target),
        ("GET /\u{E9} HTTP/1.1\r\nHost: x\r\n\r\n", .target),
        ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", .targetForm),
        ("GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", .targetAuthority),
        ("GET / HTTP/1.2\r\nHost: x\r\n\r\n", .version),
        ("GET / HTTP/1.1\r\n\r\n", .missingHost),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", .repeatedHost),
        ("GET / HTTP/1.1\r\nHost: x y\r\n\r\n", .invalidHost),
        // Ends of lines.
        ("GET / HTTP/1.1\nHost: x\r\n\r\n", .lines),
        ("GET / HTTP/1.1\nHost: x\n\n", .lines),
        ("GET / HTTP/1.0\n\n", .lines),
        ("GET / HTTP/1.0\r\n\n", .lines),
        ("GET / HTTP/1.0\n\r\n", .lines),
        (get + "X: y\n\r\n", .lines),
        (get + "X: y\r\n\n", .lines),
        (get + "X: y\nZ: y\r\n\r\n", .lines),
        (get + "X:\n\r\n", .lines),
        (get + "X: y\r\n z\r\n\r\n", .lines),
        (get + "X: y\r\n\tz\r\nZ: y\r\n\r\n", .lines),
        (get + "X: y\r\n \r\n\r\n", .lines),
        (get + "X: y\0z\r\n\r\n", .lines),
        (get + "X: y\0\r\n\r\n", .lines),
        (get + "X: y\0\0\r\n\r\n", .lines),
        (get + "\0X: y\r\n\r\n", .lines),
        (get + "\0\r\n\r\n", .lines),
        (get + ": y\r\n\r\n", .lines),
        (get + ":\r\n\r\n", .lines),
        (get + "X: y\rZ: y\r\n\r\n", .fieldValue),
        (get + "X: y\r\r\n\r\n", .fieldValue),
        (get + "X: y\u{1}z\r\n\r\n", .fieldValue),
        (get + "X: \u{7F}\r\n\r\n", .fieldValue),
        (get + "X : y\r\n\r\n", .fieldName),
        (get + "X\t: y\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", .fieldName),
        // Lengths and codings.
        (post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .lengthAndCoding),
        (post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", .lengthAndCoding),
        (post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", .repeatedLength),
        (post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", .repeatedLength),
        (post + "Content-Length: +2\r\n\r\nab", .invalidLength),
        (post + "Content-Length: -2\r\n\r\nab", .invalidLength),
        (post + "Content-Length: 0x2\r\n\r\nab", .invalidLength),
        (post + "Content-Length:\r\n\r\nab", .invalidLength),
        (post + "Content-Length: 2, 2\r\n\r\nab", .invalidLength),
        (post + "Content-Length: 2 \r\n\r\nab", .invalidLength),
        (post + "Content-Length: 18446744073709551616\r\n\r\nab", .hugeLength),
        (post + "Transfer-Encoding: gzip\r\n\r\nab", .unknownCoding),
        (post + "Transfer-Encoding: chunked, gzip\r\n\r\nab", .unknownCoding),
        (post + "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", .unknownCoding),
        (post + "Transfer-Encoding:\u{B}chunked\r\n\r\n0\r\n\r\n", .fieldValue),
        (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .repeatedCoding),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .codingInOldVersion),
    ]

    @Test(arguments: table)
    func isRefused(text: String, fault: RequestFault) throws {
        try expectRefusal(text, fault, start())
    }

    /// What is refused must not depend on how the bytes arrive.
    @Test(arguments: table)
    func isRefusedByteByByte(text: String, fault: RequestFault) throws {
        try expectRefusal(text, fault, start(), byteByByte: true)
    }

    @Test
    func aGoodRequestBeforeIsAnswered() throws {
        let server = try start()
        let client = try server.client()
        try client.send(MalformedRequestTests.get + "\r\n" + MalformedRequestTests.get + "X : y\r\n\r\n")
        #expect(try client.readResponse().text == "none")
        #expect(try client.readResponse().text == "fieldName")
        #expect(client.isClosedByServer())
    }

    @Test(arguments: [
        "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost:x\r\nX:\r\nY: \t a\tb \t \r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \u{E9}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=\"d\"; e\r\nContent-Length: 02\r\n\r\nab",
    ])
    func whatIsAllowedIsTaken(text: String) throws {
        let server = try start()
        let client = try server.client()
        try client.send(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        #expect(try client.readResponse().text == "none")
    }

    /// A client that is still sending when it is refused gets the answer all the same, not a reset.
    @Test
    func theRestOfARefusedBodyDoesNotCostTheAnswer() throws {
        let server = try start()
        for head in ["X : y\r\n", "Content-Length: x\r\n", ""] {
            let client = try server.client()
            try client.send(MalformedRequestTests.post + head + "Content-Length: 6000000\r\n\r\n")
            try client.send([UInt8](repeating: 0x61, count: 6_000_000))
            #expect(try client.readResponse().status == (head.isEmpty ? 200 : 400))
            #expect(client.isClosedByServer())
        }
    }

    @Test
    func aHeadIsRefusedWithoutABody() throws {
        let server = try start()
        let client = try server.client()
        try client.send("HEAD / HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n")
        let response = try client.readResponse(to: "HEAD")
        #expect(response.status == 400)
        #expect(client.isClosedByServer())
    }

    /// What libmicrohttpd answers before anyone is asked: its own page, but a refusal, and the end.
    @Test(arguments: [
        ("GET /a\r\n\r\n", 400), ("GET / http/1.1\r\n\r\n", 400), ("GET / HTTP/1.1 \r\n\r\n", 400),
        ("GET / HTTP/2.0\r\n\r\n", 505), ("GET / HTTP/0.9\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400), ("GET / HTTP/1.1\r\nX\0Y: a\r\n\r\n", 400),
        (post + "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        (post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        (post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400),
        (post + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", 413),
        (post + "Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n", 400),
    ])
    func whatTheLibraryRefusesByItself(text: String, status: Int) throws {
        let server = try start()
        let client = try server.client()
        try client.send(text + MalformedRequestTests.smuggled)
        let response = try client.readResponse()
        #expect(response.status == status)
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
        #expect(server.notes.isEmpty)
    }

    @Test(arguments: ["GARBAGE\r\n\r\n", " / HTTP/1.1\r\n\r\n"])
    func whatTheLibraryClosesWithoutAWord(text: String) throws {
        let server = try start()
        let client = try server.client()
        try client.send(text + MalformedRequestTests.smuggled)
        #expect(client.isClosedByServer())
        #expect(server.notes.isEmpty)
    }

    /// What cannot be told from a well-formed header: pinned, so that a libmicrohttpd that can will be noticed.
    @Test(arguments: [get + "X: y\0\n\r\n", "\0 line\r\n" + get + "\r\n", get + ":\n"])
    func whatStaysHidden(text: String) throws {
        let server = try start()
        let client = try server.client()
        try client.send(text)
        #expect(try client.readResponse().text == "none")
    }
}
