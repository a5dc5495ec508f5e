internal import Bytes
internal import CMicroHTTPD
internal import Glibc

/// What is written to a socket past libmicrohttpd, as the last thing on its connection.
enum LastAnswer {
    /// The status line and the fields that every such answer has (RFC 9112, section 4); not the empty line.
    static func appendHead(status: UInt16, bodyCount: Int, to message: inout ByteBuffer) {
        message.append("HTTP/1.1 ")
        message.append(utf8: String(status))
        message.append(" ")
        if let reason = MHD_get_reason_phrase_for(UInt32(status)) { message.append(utf8: String(cString: reason)) }
        message.append("\r\nDate: ")
        appendDate(to: &message)
        message.append("\r\nConnection: close\r\nContent-Length: ")
        message.append(utf8: String(bodyCount))
        message.append("\r\n")
    }

    /// Writes a whole answer, cut off where it does not fit into the socket's buffer, and ends the sending side.
    static func send(_ message: UnsafeRawBufferPointer, to descriptor: Int32) {
        _ = Glibc.send(descriptor, message.baseAddress, message.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        // Whatever libmicrohttpd might want to say itself must not follow.
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    private static func appendDate(to message: inout ByteBuffer) {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { text in
            let count = strftime(text.baseAddress, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            message.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<count]))
        }
    }
}
