internal import EventLoop
internal import HTTPServer

/// Sees each request of one worker once, when it is over: counts it and logs it.
///
/// It belongs to the worker and outlives pipelines.
final class RequestObserver {
    let metrics = WorkerMetrics()
    private let log: AccessLogBuffer?

    /// `log` is nil where requests are not logged.
    init(_ log: AccessLog?, on loop: EventLoop) {
        self.log = log.map { AccessLogBuffer($0, on: loop) }
    }

    /// Whether there is a use for what only the log shows.
    var isLogging: Bool { log != nil }

    /// Takes a request that is over; `client` says its address, if that is of interest.
    func finish(_ exchange: Exchange, client: () -> String?) {
        // Lent as inout, or it would be copied.
        let (status, culprit) = verdict(on: &exchange.record)
        metrics.count(&exchange.record, MethodLabel(exchange.method), status: status, culprit)
        guard let log else { return }
        let method = exchange.record.method
        log.add(
            AccessLogEntry(
                client: client(),
                exchange: exchange,
                status: status,
                culprit: culprit,
                route: metrics.routes[exchange.record.route],
                method: method >= 0 ? metrics.methods[method] : nil
            )
        )
    }

    /// The status in effect, and whose fault it is.
    private func verdict(on record: inout RequestRecord) -> (UInt16, RequestRecord.Culprit?) {
        if record.status == 0 {
            // Nobody was left to answer, or to be answered.
            let isGone = record.culprit != .gateway
            let status = isGone ? HTTPStatus.clientClosedRequest : HTTPStatus.serviceUnavailable
            return (status.rawValue, isGone ? .client : .gateway)
        }
        if let culprit = record.culprit { return (record.status, culprit) }
        switch record.status {
        case 400..<500: return (record.status, .client)
        case 500...: return (record.status, .gateway)
        default: return (record.status, nil)
        }
    }

    /// Hands the last lines over; idempotent.
    func close() {
        log?.close()
    }
}
