internal import EventLoop
internal import HTTPServer

extension RequestPipeline {
    /// Refuses a request while there are as many in hand as there may be, itself included.
    func checkLoad() throws(RequestFailure) {
        guard load.count <= maximumLoad else { throw .tooManyRequestsInFlight }
    }

    /// Takes a request off its client's bucket.
    ///
    /// All requests count but those that break HTTP's rules, which end their connection, those that are refused for too
    /// many in flight, and CORS preflights: these are made by browsers and not by pages, a page could not tell what became
    /// of one that is refused, and none reaches upstream.
    func checkRate(of origin: ClientOrigin, _ exchange: Exchange) throws(RequestFailure) {
        guard let rate = configuration.limits.rate else { return }
        if isOptions(exchange.method), cors.requestedMethod(of: exchange) != nil { return }
        guard let delay = shared.rates.take(origin.address, at: loop.turnStart(), within: rate) else { return }
        throw .rateLimited(for: delay)
    }

    /// The answer to a connection that ends before there is a request.
    func refusal(for cause: RefusalCause) -> ConnectionRefusal {
        let failure: RequestFailure =
            switch cause {
            case .connection(let limit): .tooManyConnections(limit)
            case .requestLine: .uriTooLong(limit: configuration.limits.targetBytes)
            }
        if case .errorInfo(let info) = failure.details { metrics.countError("\(info.reason)") }
        var fields = [
            ("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", newRequestID()),
        ]
        if let seconds = failure.retryAfter { fields.append(("Retry-After", String(seconds))) }
        return ConnectionRefusal(
            status: failure.status.rawValue,
            fields: fields,
            body: ErrorDocument(failure).json()
        )
    }
}
