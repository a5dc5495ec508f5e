internal import HTTPServer
internal import RPCCore

/// Requests that break HTTP's own rules.
extension RequestFailure {
    init(_ fault: RequestFault) {
        let message = fault.message.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        switch fault {
        case .lateHeader, .lateBody:
            self.init(
                status: .requestTimeout,
                code: .deadlineExceeded,
                message: message,
                details: .reason("REQUEST_TOO_SLOW")
            )
        case .hugeLength:
            self.init(
                status: .contentTooLarge,
                code: .resourceExhausted,
                message: message,
                details: .reason("BODY_TOO_LARGE")
            )
        case .version:
            self.init(
                status: .httpVersionNotSupported,
                code: .unimplemented,
                message: message,
                details: .reason("HTTP_VERSION_NOT_SUPPORTED")
            )
        default:
            self.init(
                status: .badRequest,
                code: .invalidArgument,
                message: message,
                details: .reason("MALFORMED_REQUEST")
            )
        }
    }
}

extension RequestPipeline {
    /// Refuses what HTTP itself forbids, or what is too much for it: such a request may be there in part only.
    func checkHeader(_ exchange: Exchange) throws(RequestFailure) {
        if let fault = exchange.fault { throw RequestFailure(fault) }
        guard exchange.target.count <= configuration.limits.targetBytes else {
            throw .uriTooLong(limit: configuration.limits.targetBytes)
        }
        guard !exchange.headerIsTooLarge else {
            throw .headerTooLarge(limit: configuration.limits.headerBytes)
        }
    }
}
