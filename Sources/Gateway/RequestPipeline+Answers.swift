internal import Bytes
internal import GRPCChannel
internal import HTTPRules
internal import HTTPServer
internal import RPCCore
internal import Transcoding

/// Making answers of what upstream sent, or did not.
extension RequestPipeline {
    /// Appends the JSON of a message from upstream.
    func transcode(
        _ message: UnsafeRawBufferPointer,
        of served: ServedRoute,
        into output: inout ByteBuffer
    ) throws(RequestFailure) {
        let route = served.route
        do {
            try responses.transcode(message, type: route.output, responseBody: route.responseBody, into: &output)
        } catch {
            throw error.isOutputTooLarge ? .answerTooLarge(error.message) : .unreadableAnswer(error.message)
        }
    }

    /// The bytes that a message from upstream carries, which are parts of `message`.
    func httpBody(
        _ message: UnsafeRawBufferPointer,
        of served: ServedRoute
    ) throws(RequestFailure) -> HTTPBody {
        do {
            return try HTTPBody(message, in: served.httpBodyField)
        } catch {
            throw .unreadableAnswer(error.message)
        }
    }

    /// Sends a successful answer: JSON, unless `contentType` says otherwise.
    func send(
        _ body: consuming ByteBuffer,
        contentType: String?,
        of call: Transaction,
        to exchange: Exchange,
        through writer: consuming ResponseWriter
    ) {
        let answer = contentType == nil ? laidOut(body) : body
        writer.send(status: HTTPStatus.ok.rawValue, body: answer) { headers in
            addContentType(contentType, "application/json", headers)
            addCommonHeaders(headers, exchange, call)
        }
    }

    /// Begins a successful answer of several messages.
    func stream(
        _ format: StreamFormat,
        contentType: String?,
        of call: Transaction,
        to exchange: Exchange,
        through writer: consuming ResponseWriter
    ) -> ResponseStream {
        writer.stream(status: HTTPStatus.ok.rawValue) { headers in
            addContentType(contentType, format.contentType, headers)
            if contentType == nil { headers.add("Vary", "Accept") }
            headers.add("Cache-Control", "no-cache")
            // nginx would hold records back to fill its buffers.
            headers.add("X-Accel-Buffering", "no")
            addCommonHeaders(headers, exchange, call)
        }
    }

    private func addContentType(
        _ upstream: String?,
        _ own: StaticString,
        _ headers: borrowing ResponseHeaders
    ) {
        if let upstream {
            headers.add("Content-Type", text: upstream)
        } else {
            headers.add("Content-Type", own)
        }
    }

    /// The document of an error that ends a stream.
    func document(of failure: RequestFailure) -> ByteBuffer {
        ErrorDocument(failure, &responses).json()
    }

    /// Sends an error in the shape that the client asked for.
    ///
    /// `call` is nil where the request did not become one; `requestID` then is its id, if it has got one.
    func send(
        _ failure: RequestFailure,
        of call: Transaction? = nil,
        requestID: String? = nil,
        to exchange: Exchange,
        through writer: consuming ResponseWriter
    ) {
        let isProblem = exchange.header("accept").map(MediaType.acceptsProblem) ?? false
        let document = ErrorDocument(failure, &responses)
        let body = laidOut(isProblem ? document.problem() : document.json())
        writer.send(status: failure.status.rawValue, body: body) { headers in
            if isProblem {
                headers.add("Content-Type", "application/problem+json")
            } else {
                headers.add("Content-Type", "application/json")
            }
            if let allow = failure.allow { headers.add("Allow", text: allow) }
            if let seconds = document.retryAfter ?? failure.retryAfter {
                headers.add("Retry-After", text: String(seconds))
            }
            if failure.status == .unauthorized {
                headers.add("WWW-Authenticate", failure.challenge ?? challenge)
            }
            addCommonHeaders(headers, exchange, call, requestID)
        }
    }

    /// The JSON of a whole answer, indented where that was asked for.
    private func laidOut(_ json: consuming ByteBuffer) -> ByteBuffer {
        guard let indenter else { return json }
        var lines = ByteBuffer()
        indenter.indent(json.bytes, into: &lines)
        lines.append(UInt8(ascii: "\n"))
        return lines
    }

    private func addCommonHeaders(
        _ headers: borrowing ResponseHeaders,
        _ exchange: Exchange,
        _ call: Transaction?,
        _ requestID: String? = nil
    ) {
        headers.add("X-Content-Type-Options", "nosniff")
        if endsConnections { headers.add("Connection", "close") }
        headers.add("X-Request-Id", text: call?.requestID ?? requestID ?? self.requestID(exchange))
        guard let call, !exposedMetadata.isEmpty else { return }
        var room = ExposedMetadata.maximumSize
        let secret = call.usage?.token
        for metadata in [call.initialMetadata, call.outcome?.trailers ?? Metadata()] {
            exposedMetadata.forEach(in: metadata, without: secret, room: &room) { headers.add(name: $0, text: $1) }
        }
    }
}
