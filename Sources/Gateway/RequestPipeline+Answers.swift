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

    /// Sends a successful answer: JSON, unless `contentType` says otherwise, of something new if it has a `location`.
    func send(
        _ body: consuming ByteBuffer,
        contentType: String?,
        location: borrowing Location,
        of call: Transaction,
        to exchange: Exchange,
        through writer: consuming ResponseWriter
    ) {
        let plain = contentType == nil ? laidOut(body) : body
        let tag = call.route.isRead ? EntityTag(of: plain.bytes) : nil
        var isGzip = contentType == nil && compresses(plain.count, for: exchange)
        var status = location.isEmpty ? HTTPStatus.ok : .created
        if let tag {
            status = outcome(of: tag, gzip: isGzip, for: exchange)
            if status == .preconditionFailed {
                return send(.preconditionFailed, of: call, to: exchange, through: writer)
            }
        }
        // The body goes along with a 304 too: only its length is sent (RFC 9110, section 8.6).
        let answer = coded(plain, &isGzip)
        exchange.record.code = StatusCode.ok.rawValue
        writer.send(status: status.rawValue, body: answer) { headers in
            addContentType(contentType, "application/json", headers)
            if let tag {
                tag.withText(isWeak: isGzip) { headers.add("ETag", cString: $0) }
                headers.add("Cache-Control", "private, no-cache")
            }
            location.add(to: headers)
            if isGzip { headers.add("Content-Encoding", "gzip") }
            addVary(contentType == nil ? negotiated : [], headers)
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
            addVary(contentType == nil ? .accept : [], headers)
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
        note(failure, in: exchange)
        let isProblem = exchange.list("accept").map(MediaType.acceptsProblem) ?? false
        let document = ErrorDocument(failure, &responses)
        let plain = laidOut(isProblem ? document.problem() : document.json())
        var isGzip = compresses(plain.count, for: exchange)
        let body = coded(plain, &isGzip)
        writer.send(status: failure.status.rawValue, body: body) { headers in
            if isProblem {
                headers.add("Content-Type", "application/problem+json")
            } else {
                headers.add("Content-Type", "application/json")
            }
            if let wanted = failure.wanted { add(wanted, exchange, headers) }
            if let allow = failure.allow { headers.add("Allow", text: allow) }
            if let seconds = document.retryAfter ?? failure.retryAfter {
                headers.add("Retry-After", text: String(seconds))
            }
            if failure.status == .unauthorized {
                headers.add("WWW-Authenticate", failure.challenge ?? challenge)
            }
            if isGzip { headers.add("Content-Encoding", "gzip") }
            addVary(negotiated, headers)
            addCommonHeaders(headers, exchange, call, requestID)
        }
    }

    private func add(_ wanted: RequestFailure.Wanted, _ exchange: Exchange, _ headers: borrowing ResponseHeaders) {
        switch wanted {
        case .coding:
            headers.add("Accept-Encoding", "gzip")
        case .json:
            headers.add("Accept", "application/json")
            // W3C Linked Data Platform, section 7.1; RFC 5789, section 3.1.
            if exchange.method.equals("POST") { headers.add("Accept-Post", "application/json") }
            if exchange.method.equals("PATCH") { headers.add("Accept-Patch", "application/json") }
        }
    }

    /// Says what an answer depends on: `fields`, and what CORS adds to them.
    func addVary(_ fields: VaryFields, _ headers: borrowing ResponseHeaders) {
        let value = varyTexts[fields.union(cors.vary)]
        if !value.isEmpty { value.withCString { headers.add("Vary", cString: $0) } }
    }

    /// The content in the coding that it is to be sent in; `isGzip` says afterwards which one that is.
    private func coded(_ plain: consuming ByteBuffer, _ isGzip: inout Bool) -> ByteBuffer {
        guard isGzip else { return plain }
        guard let gzip = coder.gzip(plain.bytes) else {
            isGzip = false
            return plain
        }
        return gzip
    }

    /// The JSON of a whole answer, indented where that was asked for.
    private func laidOut(_ json: consuming ByteBuffer) -> ByteBuffer {
        guard let indenter else { return json }
        var lines = ByteBuffer()
        indenter.indent(json.bytes, into: &lines)
        lines.append(UInt8(ascii: "\n"))
        return lines
    }

    func addCommonHeaders(
        _ headers: borrowing ResponseHeaders,
        _ exchange: Exchange,
        _ call: Transaction?,
        _ requestID: String? = nil
    ) {
        headers.add("X-Content-Type-Options", "nosniff")
        cors.answer(exchange, headers)
        if endsConnections { headers.add("Connection", "close") }
        let id = call?.requestID ?? requestID ?? self.requestID(exchange)
        headers.add("X-Request-Id", text: id)
        if observer.isLogging { exchange.record.requestID = id }
        addTiming(exchange, headers)
        guard let call, !exposedMetadata.isEmpty else { return }
        var room = ExposedMetadata.maximumSize
        let secret = call.usage?.token
        for metadata in [call.initialMetadata, call.outcome?.trailers ?? Metadata()] {
            exposedMetadata.forEach(in: metadata, without: secret, room: &room) { headers.add(name: $0, text: $1) }
        }
    }
}
