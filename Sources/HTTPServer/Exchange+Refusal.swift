internal import Bytes
internal import CMicroHTTPD
internal import Glibc

/// Answers that are written to the socket past libmicrohttpd, as the last ones of their connection.
///
/// libmicrohttpd takes an answer only behind a whole header and not within a body, needs memory for it that a large
/// header has left none of, and answers some requests before it shows them to anyone. In all these cases its last
/// answer is with the kernel already, so another may follow. One that does not fit into the socket's buffer is cut off.
extension Exchange {
    /// Answers a request that has not come whole, and never will.
    func refuseUnread(_ fault: RequestFault) {
        guard refuse(fault) else { return }
        // In the next run libmicrohttpd finds the end of input, and ends the connection.
        client.shutDown()
    }

    /// The answer's bytes, `Content-Length` and `Connection: close` included (RFC 9112, section 4).
    func write(status: UInt16, response: OpaquePointer?, body: UnsafeRawBufferPointer) {
        var message = ByteBuffer(capacity: 512 + body.count)
        LastAnswer.appendHead(status: status, bodyCount: body.count, to: &message)
        if let response {
            withUnsafeMutablePointer(to: &message) { buffer in
                // Rule (d): the buffer is lent for the length of this call.
                _ = MHD_get_response_headers(response, Exchange.appendHeader, buffer)
            }
        }
        message.append("\r\n")
        if !isHead { message.append(contentsOf: body) }
        client.sendLast(message.bytes)
    }

    private static let appendHeader: MHD_KeyValueIterator = { context, _, name, value in
        guard let message = context?.assumingMemoryBound(to: ByteBuffer.self), let name, let value else { return .NO }
        if strcasecmp(name, "connection") == 0 { return .YES }
        message.pointee.append(contentsOf: UnsafeRawBufferPointer(start: name, count: strlen(name)))
        message.pointee.append(": ")
        message.pointee.append(contentsOf: UnsafeRawBufferPointer(start: value, count: strlen(value)))
        message.pointee.append("\r\n")
        return .YES
    }
}
