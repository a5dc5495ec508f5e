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
