import Bytes
import GatewayTesting
import HTTPServer
import Testing

/// What a handler gets to see of the header, and what it may add to that of an answer.
@Suite
struct HeaderTests {
    @Test
    func allFieldsInOrder() throws {
        let server = try RunningServer { exchange, writer, _ in
            var fields: [RequestField] = []
            // Twice, so that nothing of the first time is left.
            exchange.collectFields(into: &fields)
            exchange.collectFields(into: &fields)
            let lines = fields.map { field in
                let (name, value) = (Array(field.name), Array(field.value))
                return "\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))"
            }
            writer.send(text: lines.joined(separator: "|"))
        }
        let client = try server.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-b:  two words \r\nX-a: 2\r\nX-Empty:\r\n\r\n")
        let text = try client.readResponse().text
        #expect(text == "Host=h|X-A=1|x-b=two words|X-a=2|X-Empty=")
    }

    /// What a client writes, and what the handler is told of `x-a` by `header()` and by `list()`.
    @Test(arguments: [
        ("X-A: 1", "1", "1"), ("X-A:1 ", "1", "1"), ("X-A: \t1 b\t ", "1 b", "1 b"), ("X-A:", "", ""),
        ("X-A:  ", "", ""),
        ("X-B: 1", "-", "-"), ("X-BC: 1\r\nX-CD: 2", "-", "-"), ("X-A: 1\r\nx-a: 2 ", "1", "1, 2"),
        ("x-a: 1 \r\nX-B: 3\r\nX-A:2\t\r\nX-a: 4", "1", "1, 2, 4"), ("X-A: 1 \r\nX-B: 2 ", "1", "1"),
        ("X-A:\r\nX-A: 2", "", "2"), ("X-A: 1\r\nX-A:", "1", "1, "),
    ])
    func valuesAreTrimmedAndListsWhole(lines: String, first: String, list: String) throws {
        let server = try RunningServer { exchange, writer, _ in
            let text = { (value: UnsafeRawBufferPointer?) in value.map { String(decoding: $0, as: UTF8.self) } ?? "-" }
            // Twice, so that nothing of the first time is left.
            _ = exchange.list("x-a")
            writer.send(text: "\(text(exchange.header("x-a")))|\(text(exchange.list("x-a")))")
        }
        let client = try server.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n")
        #expect(try client.readResponse().text == "\(first)|\(list)")
    }

    /// A name as long as 64 bytes more shares its place with the short one where absent names are told.
    @Test
    func longNamesHideNoShortOnes() throws {
        let server = try RunningServer { exchange, writer, _ in
            writer.send(text: exchange.list("x-a").map { String(decoding: $0, as: UTF8.self) } ?? "-")
        }
        let long = "X-" + String(repeating: "l", count: 65) + ": 1"
        for (lines, expected) in [(long, "-"), ("\(long)\r\nX-A: 2", "2"), ("X-A: 2\r\n\(long)\r\nX-A: 3", "2, 3")] {
            let client = try server.client()
            try client.send("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n")
            #expect(try client.readResponse().text == expected)
        }
    }

    @Test
    func nothingOnceItIsAnswered() throws {
        let server = try RunningServer { exchange, writer, thread in
            writer.send(text: "done")
            var fields: [RequestField] = []
            exchange.collectFields(into: &fields)
            thread.note("\(fields.count)")
        }
        #expect(try server.client().get("/").text == "done")
        #expect(server.waitForNote("0"))
    }

    @Test
    func theAddressOfThePeer() throws {
        let server = try RunningServer { exchange, writer, _ in writer.send(text: exchange.peerAddress ?? "none") }
        #expect(try server.client().get("/").text == "127.0.0.1")
    }

    @Test
    func headersWithComputedNames() throws {
        let server = try RunningServer { _, writer, _ in
            writer.send(status: 200, body: ByteBuffer()) { headers in
                headers.add(name: "x-quota", text: "7")
                headers.add(name: "x-quota", text: "8")
                headers.add(name: "x-empty", text: "")
                headers.add(name: "x-split", text: "a\r\nX-Evil: b")
            }
        }
        let response = try server.client().get("/")
        #expect(response.headers.values("x-quota") == ["7", "8"])
        #expect(response["x-empty"] == nil)
        #expect(response["x-split"] == nil)
        #expect(response["x-evil"] == nil)
    }
}
