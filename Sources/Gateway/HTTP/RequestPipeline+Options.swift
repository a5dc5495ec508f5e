internal import Bytes
internal import HTTPRules
internal import HTTPServer

/// OPTIONS, and preflights of other origins.
extension RequestPipeline {
    /// The answer to a request by OPTIONS; nil where it is for upstream, since a route takes OPTIONS.
    ///
    /// A preflight carries no credentials (Fetch, "CORS-preflight fetch"), so that none are looked at.
    func options(_ exchange: Exchange, _ path: UnsafeRawBufferPointer) throws(RequestFailure) -> OptionsAnswer? {
        guard path.count != 1 || path[0] != UInt8(ascii: "*") else {
            // The server as a whole (RFC 9110, section 9.3.7).
            return OptionsAnswer(allow: api.allow.all, isPreflight: false)
        }
        let requested = cors.requestedMethod(of: exchange)
        var captures = PathCaptures()
        switch api.routes.match(method: exchange.method, path: path, captures: &captures) {
        case .methodNotAllowed(let methods):
            return OptionsAnswer(allow: api.allow.value(methods), isPreflight: requested != nil)
        case .match:
            guard let requested else { return nil }
            switch api.routes.match(method: requested, path: path, captures: &captures) {
            case .methodNotAllowed(let methods):
                return OptionsAnswer(allow: api.allow.value(methods), isPreflight: true)
            case .match, .notFound, .badRequest: return OptionsAnswer(allow: text(requested), isPreflight: true)
            }
        case .notFound:
            guard page(at: path) == nil else {
                return OptionsAnswer(allow: StaticPage.allow, isPreflight: requested != nil)
            }
            throw .routeNotFound(method: text(exchange.method), path: text(path))
        case .badRequest(let fault):
            throw .invalidRequest("the path is malformed: \(fault)", [])
        }
    }

    func send(_ answer: OptionsAnswer, to exchange: Exchange, through writer: consuming ResponseWriter) {
        writer.send(status: HTTPStatus.noContent.rawValue, body: ByteBuffer()) { headers in
            headers.add("Allow", text: answer.allow)
            addVary(answer.isPreflight ? .preflight : [], headers)
            if answer.isPreflight { cors.answerPreflight(exchange, methods: answer.allow, headers) }
            addCommonHeaders(headers, exchange, nil)
        }
    }
}
