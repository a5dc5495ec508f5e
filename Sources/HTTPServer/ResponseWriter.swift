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
        guard let exchange else { return }
        exchange.answer(status: 500, response: MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT))
    }

    /// Sends `status`, the headers that `headers` adds and `body`, without copying the body.
    package consuming func send(
        status: UInt16,
        body: consuming ByteBuffer,
        headers: (borrowing ResponseHeaders) -> Void
    ) {
        guard let exchange else { return }
        let content = body.bytes
        if let response = exchange.server.bodies.makeResponse(body) {
            headers(ResponseHeaders(response))
            exchange.answer(status: status, response: response, content: content)
        } else {
            exchange.answer(status: status, response: nil)
        }
        self.exchange = nil
    }

    /// Sends `status` and the headers that `headers` adds, and lets the body follow piece by piece.
    ///
    /// The header block leaves at once, with the first piece if that is written in the same turn of the loop. An answer
    /// to HEAD is over with it and ends the connection.
    package consuming func stream(
        status: UInt16,
        headers: (borrowing ResponseHeaders) -> Void
    ) -> ResponseStream {
        let body = StreamedBody()
        let response = body.makeResponse()
        // libmicrohttpd 0.9.75 sends the last chunk, "0\r\n\r\n", even where there must be no body.
        if let response, exchange?.isHead == true || status == 304 { gateway_mhd_avoid_chunks(response) }
        if let response { headers(ResponseHeaders(response)) }
        exchange?.answer(status: status, response: response, body: body)
        exchange = nil
        return ResponseStream(body)
    }
}
