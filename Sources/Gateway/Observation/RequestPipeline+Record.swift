internal import EventLoop
internal import GRPCChannel
internal import HTTPServer
internal import RPCCore

/// Noting what becomes of a request, for ``RequestObserver``.
extension RequestPipeline {
    var metrics: WorkerMetrics { observer.metrics }

    /// The address of the client as logs show it; nil for that of a unix socket.
    func clientAddress(of exchange: Exchange) -> String? {
        client(of: exchange).address?.description
    }

    /// Begins the phase of a call that was just started.
    func noteStart(of call: Transaction) {
        // An outcome that is certain already is told later.
        if call.isQueued { call.exchange?.record.rename(to: .queue) }
    }

    /// Notes an error that a request is answered with, or that ends its stream.
    func note(_ failure: RequestFailure, in exchange: Exchange) {
        exchange.record.code = failure.code.rawValue
        exchange.record.culprit = failure.culprit
        switch failure.details {
        case .errorInfo(let info), .retry(let info, _):
            exchange.record.reason = info.reason
            metrics.countError("\(info.reason)")
        case .violations:
            exchange.record.reason = "BAD_REQUEST"
            metrics.countError("BAD_REQUEST")
        case .none, .upstream:
            break
        }
    }
}

extension Transaction {
    /// Ends the phase in which the call was waiting, or under way.
    final func noteAnswer() {
        guard let exchange else { return }
        if let leftQueueAt { exchange.record.endQueue(at: leftQueueAt.nanoseconds) }
        exchange.record.enter(.gateway, at: exchange.now)
    }
}
