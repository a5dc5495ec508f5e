internal import HTTPServer
internal import RPCCore

/// Requests and connections that there is no room for.
extension RequestFailure {
    /// The gateway has as many requests in hand as it may.
    static let tooManyRequestsInFlight = RequestFailure(
        status: .serviceUnavailable,
        code: .unavailable,
        message: "the gateway has as many requests in flight as it takes; nothing was done about this one",
        details: .reason("TOO_MANY_REQUESTS_IN_FLIGHT"),
        retryAfter: 1
    )

    /// A client's token bucket is empty for `delay` nanoseconds.
    static func rateLimited(for delay: UInt64) -> RequestFailure {
        RequestFailure(
            status: .tooManyRequests,
            code: .resourceExhausted,
            message: "this client has made more requests than it may for now; nothing was done about this one",
            details: .retry(ErrorInfo("RATE_LIMITED"), after: delay)
        )
    }

    /// Connections are closed when they are idle for long, so a wait of some seconds makes sense.
    static func tooManyConnections(_ limit: ConnectionLedger.Limit) -> RequestFailure {
        switch limit {
        case .total:
            RequestFailure(
                status: .serviceUnavailable,
                code: .unavailable,
                message: "the gateway has as many connections as it takes",
                details: .reason("TOO_MANY_CONNECTIONS"),
                retryAfter: 5
            )
        case .perClient:
            RequestFailure(
                status: .tooManyRequests,
                code: .resourceExhausted,
                message: "this client has as many connections as it may have",
                details: .reason("TOO_MANY_CONNECTIONS_OF_CLIENT"),
                retryAfter: 5
            )
        }
    }
}
