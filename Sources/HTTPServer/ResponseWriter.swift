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

    private static func makeResponse(_ body: consuming ByteBuffer) -> OpaquePointer? {
        let memory = body.release()
        // Rule (b): libmicrohttpd frees the body with the response.
        return MHD_create_response_from_buffer(memory.count, memory.baseAddress, .RESPMEM_MUST_FREE)
    }
}

/// The header block of an answer under construction.
package struct ResponseHeaders: ~Copyable {
    private let response: OpaquePointer

    init(_ response: OpaquePointer) {
        self.response = response
    }

    /// Adds a header whose name and value are literals.
    package func add(_ name: StaticString, _ value: StaticString) {
        value.withUTF8Buffer { add(name, cString: UnsafeRawBufferPointer($0).bindMemory(to: CChar.self).baseAddress) }
    }

    /// Adds a header with a computed value; one that holds control characters is left out (RFC 9110, section 5.5).
    package func add(_ name: StaticString, text value: String) {
        guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return }
        value.withCString { add(name, cString: $0) }
    }

    /// Adds a header whose value is a NUL-terminated string without control characters.
    package func add(_ name: StaticString, cString value: UnsafePointer<CChar>?) {
        guard let value else { return }
        name.withUTF8Buffer { bytes in
            // Literals are NUL-terminated.
            let start = UnsafeRawBufferPointer(bytes).bindMemory(to: CChar.self).baseAddress
            _ = MHD_add_response_header(response, start, value)
        }
    }
}
