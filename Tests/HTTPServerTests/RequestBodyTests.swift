import GatewayTesting
import HTTPServer
import Testing

/// Bodies and their limit.
@Suite
struct RequestBodyTests {
    /// A server that takes bodies of up to 1000 bytes and says what it got.
    private func start() throws -> RunningServer {
        try RunningServer {
            $0.maximumBodySize = 1000
        } handler: { exchange, writer, thread in
            thread.note(exchange.bodyIsTooLarge ? "too large" : "\(exchange.body.count)")
            writer.send(status: exchange.bodyIsTooLarge ? 413 : 200, text: exchange.summary)
        }
    }

    @Test(arguments: [0, 1, 999, 1000])
    func aBodyOfKnownLengthArrivesWhole(count: Int) throws {
        let server = try start()
        let body = (0..<count).map { UInt8(97 + $0 % 26) }
        let client = try server.client()
        for _ in 0..<2 {
            let response = try client.request("POST", "/", body: body)
            #expect(response.status == 200)
            #expect(response.text == "POST / " + String(decoding: body, as: UTF8.self))
        }
    }

    @Test
    func aChunkedBodyArrivesWhole() throws {
        let server = try start()
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        try client.send("7;ext=1\r\n, world\r\n0\r\n\r\n")
        let response = try client.readResponse()
        #expect(response.text == "POST / hello, world")
        // Where such a body ends is a matter of opinion.
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
    }

    @Test
    func aBodyMayArriveByteByByte() throws {
        let server = try start()
        let client = try server.client()
        for byte in Array("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".utf8) {
            try client.send([byte])
        }
        #expect(try client.readResponse().text == "POST /slow hello")
    }

    @Test(arguments: ["1001", "99999999999", "9223372036854775807"])
    func anAnnouncedBodyOverTheLimitIsRefusedBeforeItIsSent(length: String) throws {
        let server = try start()
        let client = try server.client()
        try client.send("POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n")
        let response = try client.readResponse()
        #expect(response.status == 413)
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
        #expect(server.notes == ["too large"])
        #expect(try server.client().get("/").status == 200)
    }

    @Test
    func aChunkedBodyOverTheLimitIsDropped() throws {
        let server = try start()
        let client = try server.client()
        let chunk = "100\r\n" + String(repeating: "x", count: 256) + "\r\n"
        try client.send("POST /big HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<8 { try client.send(chunk) }
        try client.send("0\r\n\r\n")
        let response = try client.readResponse()
        #expect(response.status == 413)
        #expect(response.text == "POST /big ")
        #expect(response.announcesClose)
        #expect(client.isClosedByServer())
        #expect(server.notes == ["too large"])
    }

    @Test
    func anEndlessChunkedBodyIsCutOff() throws {
        let server = try start()
        let client = try server.client()
        try client.send("POST /big HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = Array(("10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n").utf8)
        #expect(throws: SystemError.self) {
            // 128 MiB, of which the server reads no more than about 64.
            for _ in 0..<2048 { try client.send(chunk) }
        }
        #expect(try server.client().get("/").status == 200)
    }

    @Test
    func aClientThatExpectsIsToldToContinue() throws {
        let server = try start()
        let client = try server.client()
        try client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        let interim = try client.readResponse(includingInterim: true)
        #expect(interim.status == 100)
        try client.send("ok")
        #expect(try client.readResponse().text == "POST /e ok")
    }

    @Test
    func aClientThatExpectsTooMuchIsRefusedAtOnce() throws {
        let server = try start()
        let client = try server.client()
        try client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n")
        let response = try client.readResponse(includingInterim: true)
        #expect(response.status == 413)
        #expect(client.isClosedByServer())
    }

    @Test
    func aClientMayVanishInTheMiddleOfItsBody() throws {
        let server = try start()
        for _ in 0..<10 {
            let client = try server.client()
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this")
            client.abort()
        }
        #expect(try server.client().get("/").status == 200)
        #expect(server.notes == ["0"])
    }

    /// Header blocks that leave a few bytes of the memory that they were read into: the body still comes in pieces worth
    /// reading, not in these.
    @Test(arguments: [7000, 7170, 8180, 8188, 8191, 8192, 8193, 8319, 8320, 9000, 12_000, 13_900])
    func aBodyBehindALargeHeader(size: Int) throws {
        let server = try RunningServer { exchange, writer, _ in
            writer.send(status: 200, text: "\(exchange.body.count)")
        }
        for length in [1, 1000, 1024, 1025, 300_000] {
            let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\nX: "
            let padding = String(repeating: "p", count: size - head.utf8.count - 4)
            let request = Array((head + padding + "\r\n\r\n").utf8) + [UInt8](repeating: 0x61, count: length)
            let client = try server.client()
            let before = server.ask { $0.turns } ?? 0
            // Behind it another one, which is not part of it.
            try client.send(request + Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(try client.readResponse().text == "\(length)")
            #expect(try client.readResponse().text == "0")
            #expect((server.ask { $0.turns } ?? .max) - before < 2000)
            // In two parts, so that the first one is put off.
            let slow = try server.client()
            try slow.send(Array(request.dropLast()))
            #expect(!slow.hasInput(within: .milliseconds(20)))
            try slow.send(Array(request.suffix(1)))
            #expect(try slow.readResponse().text == "\(length)")
        }
    }
}
