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

    /// What is known of it when it is over: method, target, status, bytes in and out, and the header `X-Mark`.
    var endSummary: String {
        "\(text(method)) \(text(target)) \(record.status) \(record.receivedBytes) \(record.sentBytes)"
            + " \(headerText("x-mark"))\(record.isCutOff ? " cut off" : "")"
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

extension ResponseStream {
    func write(text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes `piece` again and again, never above the high-water mark, until `total` bytes are written; then finishes.
    ///
    /// `onProgress` is told how many bytes were written and how many wait whenever it has to wait itself.
    func pour(_ piece: [UInt8], total: Int, onProgress: ((_ written: Int, _ pending: Int) -> Void)? = nil) {
        var written = 0
        // Forgotten by the stream when it ends, which breaks the cycle.
        let pour = { [unowned self] in
            while written < total, pendingByteCount < ResponseStream.highWater {
                let count = min(piece.count, total - written)
                piece[..<count].withUnsafeBytes { write($0) }
                written += count
            }
            onProgress?(written, pendingByteCount)
            if written == total { finish() }
        }
        onDrain = pour
        pour()
    }
}
