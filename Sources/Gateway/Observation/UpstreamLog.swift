internal import EventLoop
internal import GRPCChannel
internal import Logging

/// Logs it when an upstream comes or goes, as all workers together see it, and not more often than it takes to be read.
final class UpstreamLog: Sendable {
    private struct Entry: Sendable {
        /// As it was last logged.
        var isUp: Bool
        /// When the window of time began that lines are counted in.
        var windowStart: UInt64
        var lines = 1
        /// Changes that were not logged.
        var suppressed = 0
    }

    /// So many nanoseconds are a window, in which one upstream gets so many lines at most.
    private static let window: UInt64 = 60_000_000_000
    private static let linesPerWindow = 10

    private let logger: Logger
    private let clock: @Sendable () -> UInt64
    private let entries = Locked<[String: Entry]>([:])

    /// `clock` is in nanoseconds.
    init(_ logger: Logger, clock: @escaping @Sendable () -> UInt64) {
        self.logger = logger
        self.clock = clock
    }

    /// Takes the word of the workers; from any of their threads.
    func update(_ report: HealthReport) {
        let now = clock()
        for upstream in report.upstreams {
            // Between the two, nothing is certain yet.
            let isUp: Bool
            switch upstream.state {
            case .ready: isUp = true
            case .transientFailure: isUp = false
            case .idle, .connecting, .shutdown: continue
            }
            let change: (isFirst: Bool, suppressed: Int)? = entries.withLock { entries in
                guard var entry = entries[upstream.target] else {
                    entries[upstream.target] = Entry(isUp: isUp, windowStart: now)
                    return (true, 0)
                }
                guard entry.isUp != isUp else { return nil }
                defer { entries[upstream.target] = entry }
                if now >= entry.windowStart + UpstreamLog.window { (entry.windowStart, entry.lines) = (now, 0) }
                guard entry.lines < UpstreamLog.linesPerWindow else {
                    entry.suppressed += 1
                    return nil
                }
                let suppressed = entry.suppressed
                (entry.isUp, entry.lines, entry.suppressed) = (isUp, entry.lines + 1, 0)
                return (false, suppressed)
            }
            guard let change else { continue }
            // What is as it should be from the beginning is no news.
            let level: Logger.Level = !isUp ? .warning : change.isFirst ? .info : .notice
            log(upstream, isUp: isUp, level, suppressed: change.suppressed)
        }
    }

    private func log(_ upstream: UpstreamState, isUp: Bool, _ level: Logger.Level, suppressed: Int) {
        var metadata: Logger.Metadata = ["upstream": "\(upstream.target)"]
        if suppressed > 0 { metadata["changes_not_logged"] = "\(suppressed)" }
        if isUp {
            logger.log(level: level, "the upstream can be reached", metadata: metadata)
            return
        }
        if let note = upstream.lookupError ?? upstream.addresses.lazy.compactMap(\.note).first {
            metadata["reason"] = "\(note)"
        }
        logger.log(level: level, "the upstream cannot be reached", metadata: metadata)
    }
}
