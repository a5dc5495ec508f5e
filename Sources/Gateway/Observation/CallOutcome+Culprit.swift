internal import GRPCChannel
internal import HTTPServer
internal import RPCCore

extension CallOutcome {
    /// Whose fault it is that a call did not end well, which is answered with `status`.
    func culprit(_ status: HTTPStatus) -> RequestRecord.Culprit {
        let isClientError = (400..<500).contains(status.rawValue)
        switch origin {
        // What a service says of a request, such as NOT_FOUND, is no failure of the service.
        case .upstream: return isClientError ? .client : .upstream
        case .httpRefusal, .reset, .httpAnswer, .limit, .malformedAnswer: return .upstream
        case .network, .deadline(.connect): return .network
        case .deadline(.queue), .deadline(.upstream), .deadline(.retry): return .upstream
        case .overload: return .gateway
        // By the client's going, or since the gateway stops.
        case .cancelled: return isClientError ? .client : .gateway
        case .unsendable: return isClientError ? .client : .gateway
        }
    }
}
