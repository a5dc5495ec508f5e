/// Where a worker tells the others how it is doing.
struct WorkerBoards: Sendable {
    let health: HealthBoard
    let upstreams: UpstreamLog
    let metrics: MetricsBoard
    /// Nil where requests are not logged.
    let accessLog: AccessLog?
}
