internal import EventLoop
internal import RPCCore

/// Lets a warning through once in a while, whichever thread it comes from.
final class WarningLimit: Sendable {
    private let interval: UInt64
    private let print: @Sendable (String) -> Void
    /// When the next one may pass.
    private let next = Locked(Deadline(nanoseconds: 0))

    /// At most one warning in `interval` nanoseconds goes to `print`.
    init(interval: UInt64, _ print: @escaping @Sendable (String) -> Void) {
        self.interval = interval
        self.print = print
    }

    func warn(_ text: String, now: Deadline) {
        let isDue = next.withLock { next in
            guard now >= next else { return false }
            next = now.advanced(by: interval)
            return true
        }
        if isDue { print(text) }
    }
}
