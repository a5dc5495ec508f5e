import Bytes
import EventLoop
import GatewayTesting
import HTTPServer
import Testing

/// One request, one answer: at once or late, on connections that live on.
@Suite
struct HTTPServerTests {
    @Test
    func answersAtOnce() throws {
        let server = try RunningServer { exchange, writer, _ in writer.send(status: 203, text: exchange.summary) }
        let response = try server.client().get("/hello")
        #expect(response.version == "HTTP/1.1")
        #expect(response.status == 203)
        #expect(response.text == "GET /hello ")
        #expect(response["content-type"] == "text/plain")
        #expect(response["content-length"] == "11")
        #expect(!response.announcesClose)
    }

    @Test
    func answersLate() throws {
        let server = try RunningServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let client = try server.client()
        try client.sendRequest("POST", "/later", body: Array("content".utf8))
        #expect(server.waitUntilHeld(1))
        server.order { $0.releaseAll() }
        #expect(try client.readResponse().text == "POST /later content")
    }

    @Test(arguments: [true, false])
    func aConnectionServesManyRequests(isLate: Bool) throws {
        let server = try RunningServer { exchange, writer, thread in
            if isLate {
                thread.hold(exchange, writer)
                LoopTimer.callSoon(on: thread.loop) { thread.releaseAll() }
            } else {
                writer.send(text: exchange.summary)
            }
        }
        let client = try server.client()
        for number in 0..<50 {
            #expect(try client.get("/\(number)").text == "GET /\(number) ")
        }
        #expect(server.ask { $0.connectionCount } == 1)
    }

    @Test(arguments: [true, false])
    func pipelinedRequestsAreAnsweredInOrder(isLate: Bool) throws {
        let server = try RunningServer { exchange, writer, thread in
            if isLate {
                thread.hold(exchange, writer)
                LoopTimer.callSoon(on: thread.loop) { thread.releaseAll() }
            } else {
                writer.send(text: exchange.summary)
            }
        }
        let client = try server.client()
        let request = { (number: Int) in
            "POST /\(number) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\(number % 90 + 10)"
        }
        try client.send((0..<20).map(request).joined())
        for number in 0..<20 {
            #expect(try client.readResponse().text == "POST /\(number) \(number + 10)")
        }
    }

    @Test(arguments: [
        "/v1/jobs/a%2Fb", "/v1/jobs/a%2fb?a=b&c", "/v1/jobs/%zz", "/v1/jobs/a+b?x=%20+%00", "/?", "//a//b/../c",
        "*", "http://example.com/v1/jobs?x=1", "/v1/jobs/%C3%A9:cancel",
    ])
    func theTargetIsLeftAsItCame(target: String) throws {
        let server = try RunningServer { exchange, writer, _ in writer.send(text: exchange.summary) }
        #expect(try server.client().get(target).text == "GET \(target) ")
    }

    @Test(arguments: [("/a\0b", true), ("/a\0", true), ("/a?b=\0c", true), ("/a?b=c", false), ("/", false)])
    func aTargetWithANULIsToldFromAWholeOne(target: String, isCutOff: Bool) throws {
        let server = try RunningServer { exchange, writer, _ in
            writer.send(text: "\(exchange.fault == .requestLine)")
        }
        #expect(try server.client().get(target).text == "\(isCutOff)")
    }

    @Test
    func headersAreFoundInAnyCase() throws {
        let server = try RunningServer { exchange, writer, _ in
            let values = [
                exchange.headerText("x-request-id"), exchange.headerText("X-REQUEST-ID"),
                exchange.headerText("Grpc-Timeout"), exchange.headerText("x-absent"), exchange.headerText("x-empty"),
            ]
            writer.send(text: values.joined(separator: "|"))
        }
        let headers: HeaderList = [
            "X-Request-ID": "first", "x-request-id": "second", "GRPC-TIMEOUT": "1S", "X-Empty": "",
        ]
        #expect(try server.client().get("/", headers: headers).text == "first|first|1S|-|")
    }

    @Test
    func headHasNoBody() throws {
        let server = try RunningServer { exchange, writer, _ in writer.send(text: exchange.summary) }
        let client = try server.client()
        let head = try client.request("HEAD", "/x")
        #expect(head.status == 200)
        #expect(head["content-length"] == "8")
        #expect(head.body.isEmpty)
        // Had there been a body, it would be read as the start of this answer.
        #expect(try client.get("/y").text == "GET /y ")
    }

    @Test(arguments: [true, false])
    func aDroppedWriterAnswers500(isLate: Bool) throws {
        let server = try RunningServer { exchange, writer, thread in
            guard isLate else { return }
            thread.hold(exchange, writer)
            LoopTimer.callSoon(on: thread.loop) { thread.dropAll() }
        }
        let client = try server.client()
        #expect(try client.get("/").status == 500)
        #expect(try client.get("/").status == 500)
    }

    @Test
    func sixtyFourConnectionsWaitAtOnce() throws {
        let server = try RunningServer { exchange, writer, thread in thread.hold(exchange, writer) }
        let clients = try (0..<64).map { _ in try server.client() }
        for (number, client) in clients.enumerated() { try client.sendRequest("GET", "/\(number)") }
        #expect(server.waitUntilHeld(64))
        #expect(server.ask { $0.connectionCount } == 64)
        server.order { $0.releaseAll() }
        for (number, client) in clients.enumerated() {
            #expect(try client.readResponse().text == "GET /\(number) ")
        }
    }

    @Test
    func aLargeAnswerIsSentWhole() throws {
        let text = String(repeating: "0123456789abcdef", count: 1 << 18)
        let server = try RunningServer { _, writer, _ in writer.send(text: text) }
        let client = try server.client()
        #expect(try client.get("/").text == text)
        #expect(try client.get("/").text == text)
    }

    @Test
    func aHeaderWithControlCharactersIsLeftOut() throws {
        let server = try RunningServer { _, writer, _ in
            writer.send(status: 200, body: ByteBuffer()) { headers in
                headers.add("X-Bad", text: "a\r\nX-Injected: b")
                headers.add("X-Good", text: "value")
            }
        }
        let response = try server.client().get("/")
        #expect(response["x-bad"] == nil)
        #expect(response["x-injected"] == nil)
        #expect(response["x-good"] == "value")
        #expect(response.body.isEmpty)
    }

    @Test(arguments: ["GARBAGE\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"])
    func whatIsNotHTTPIsRefusedAndTheServerLivesOn(garbage: String) throws {
        let server = try RunningServer { exchange, writer, _ in writer.send(text: exchange.summary) }
        let client = try server.client()
        try client.send(garbage)
        client.shutdownSending()
        let answer = String(decoding: (try? client.readToEnd()) ?? [], as: UTF8.self)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
        #expect(try server.client().get("/").status == 200)
    }
}
