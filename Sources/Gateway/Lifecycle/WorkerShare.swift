internal import EventLoop
internal import Glibc

/// What all workers share beside the configuration, and outlives it: where they tell how they are doing, and what they
/// count together.
struct WorkerShare: Sendable {
    let health: HealthBoard
    let upstreams: UpstreamLog
    let metrics: MetricsBoard
    /// Nil where requests are not logged.
    let accessLog: AccessLog?
    let progress: ReloadProgress
    let limits: SharedLimits

    init(_ configuration: GatewayConfiguration, workers: Int) throws(GatewayError) {
        let logger = configuration.logger
        accessLog = try configuration.accessLog.map { settings throws(GatewayError) in
            try AccessLog(settings, logger: logger)
        }
        health = HealthBoard(workers: workers)
        upstreams = UpstreamLog(logger) { WorkerShare.clock() }
        metrics = MetricsBoard(workers: workers)
        progress = ReloadProgress(workers: workers)
        limits = SharedLimits(configuration)
    }

    /// Nanoseconds of the monotonic clock.
    private static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
