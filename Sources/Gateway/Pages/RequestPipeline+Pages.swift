internal import Bytes
internal import HTTPServer

/// Documents that are answered without upstream, where the API has no route of that path.
extension RequestPipeline {
    /// The place in ``pages`` of the page at `path`; nil where there is none.
    func page(at path: UnsafeRawBufferPointer) -> Int? {
        pages.firstIndex { $0.isAt(path) }
    }

    /// The place in ``pages`` of what a request is for that no route has taken.
    ///
    /// Its `Accept` does not count: there is one form, and who asks for the path wants that (RFC 9110, section 12.5.1).
    func page(_ exchange: Exchange, _ path: UnsafeRawBufferPointer) throws(RequestFailure) -> Int {
        guard let index = page(at: path) else {
            throw .routeNotFound(method: text(exchange.method), path: text(path))
        }
        exchange.record.route = pageLabels[index]
        let method = exchange.method
        guard method.equals("GET") || method.equals("HEAD") else {
            throw .methodNotAllowed(method: text(method), path: text(path), allow: StaticPage.allow)
        }
        guard !exchange.bodyIsTooLarge else { throw .contentTooLarge(limit: configuration.maximumRequestBytes) }
        return index
    }

    /// Answers with a page, or that the client has it already.
    func send(_ page: StaticPage, to exchange: Exchange, through writer: consuming ResponseWriter) {
        let isGzip =
            compressesAnswers && page.gzip != nil
            && AcceptEncoding(exchange.list("accept-encoding")) != .identity
        let status = outcome(of: page.tag, gzip: isGzip, for: exchange)
        guard status != .preconditionFailed else {
            return send(.preconditionFailed, to: exchange, through: writer)
        }
        // The body goes along with a 304 too: only its length is sent (RFC 9110, section 8.6).
        writer.send(status: status.rawValue, body: page.body(gzip: isGzip)) { headers in
            headers.add("Content-Type", text: page.mediaType)
            page.tag.withText(isWeak: isGzip) { headers.add("ETag", cString: $0) }
            // It is the same for everyone, but another one after a reload.
            headers.add("Cache-Control", "public, no-cache")
            if isGzip { headers.add("Content-Encoding", "gzip") }
            for field in page.fields { headers.add(name: field.name, text: field.value) }
            addVary(compressesAnswers && page.gzip != nil ? .acceptEncoding : [], headers)
            addCommonHeaders(headers, exchange, nil)
        }
    }
}
