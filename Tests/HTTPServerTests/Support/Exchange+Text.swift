import Bytes
import HTTPServer

extension Exchange {
    /// `METHOD target body`, as they came.
    var summary: String {
        "\(text(method)) \(text(target)) \(text(body))"
    }

    /// A header's value as text, `-` where it is missing.
    func headerText(_ name: StaticString) -> String {
        header(name).map(text) ?? "-"
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension ResponseWriter {
    /// Answers with a text.
    consuming func send(status: UInt16 = 200, text: String) {
        var body = ByteBuffer()
        body.append(utf8: text)
        send(status: status, body: body) { headers in headers.add("Content-Type", "text/plain") }
    }
}
