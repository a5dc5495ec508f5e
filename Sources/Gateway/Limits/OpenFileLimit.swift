internal import Glibc

/// How many files and sockets the process may have open.
enum OpenFileLimit {
    /// Raises the soft limit to the hard one: the soft one is low for the sake of programs that use `select`.
    ///
    /// - Returns: the limit then in force.
    @discardableResult
    static func raise() -> UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return UInt64(limit.rlim_cur)
    }

    /// A line for the operator where `limit` is too low for all connections that `configuration` allows; nil otherwise.
    static func warning(_ configuration: GatewayConfiguration, limit: UInt64) -> String? {
        let connections = configuration.limits.connections
        guard connections > 0 else { return nil }
        // A client that goes on sending has two for a moment.
        let needed = UInt64(connections) + UInt64(max(1, configuration.workers)) * perWorker + reserve
        guard limit < needed else { return nil }
        return """
            of \(limit) files that may be open, --max-connections \(connections) may need \(needed); raise the limit (ulimit -n, \
            LimitNOFILE= of systemd) or lower --max-connections
            """
    }

    /// Refused connections that linger, upstream's, and the loop's own.
    private static let perWorker: UInt64 = 300
    /// Standard streams, the admin listener and its connections.
    private static let reserve: UInt64 = 300
}
