package import Bytes
internal import CMicroHTTPD

/// The right to answer one request, once: sending consumes it.
///
/// Dropped unused, it answers 500, so that no client waits for ever.
package struct ResponseWriter: ~Copyable {
    /// Nil once the answer has been handed over.
    private var exchange: Exchange?

    init(_ exchange: Exchange) {
        self.exchange = exchange
    }

    deinit {
        exchange?.answer(status: 500, response: ResponseWriter.makeResponse(ByteBuffer()))
    }

    /// Sends `status`, the headers that `headers` adds and `body`, without copying the body.
    package consuming func send(
        status: UInt16,
        body: consuming ByteBuffer,
        headers: (borrowing ResponseHeaders) -> Void
    ) {
        let response = ResponseWriter.makeResponse(body)
        if let response { headers(ResponseHeaders(response)) }
        exchange?.answer(status: status, response: response)
        exchange = nil
    }

    /// Sends `status` and the headers that `headers` adds, and lets the body follow piece by piece.
    ///
    /// The header block leaves at once, with the first piece if that is written in the same turn of the loop.
    package consuming func stream(
        status: UInt16,
        headers: (borrowing ResponseHeaders) -> Void
    ) -> ResponseStream {
        let body = StreamedBody()
        let response = body.makeResponse()
        if let response { headers(ResponseHeaders(response)) }
        exchange?.answer(status: status, response: response, body: body)
        exchange = nil
        return ResponseStream(body)
    }

    private static func makeResponse(_ body: consuming ByteBuffer) -> OpaquePointer? {
        let memory = body.release()
        // Rule (b): libmicrohttpd frees the body with the response.
        return MHD_create_response_from_buffer(memory.count, memory.baseAddress, .RESPMEM_MUST_FREE)
    }
}
