/// What a service tells its manager (sd_notify(3)).
package enum ServiceMessage: Hashable, Sendable {
    /// It serves: at its start, or again after ``reloading``.
    case ready
    /// It reads its configuration anew; ``ready`` follows in any case.
    case reloading
    /// It finishes what it has begun, and ends.
    case stopping
    /// What it is doing, in one line, for people.
    case status(String)
    /// It is alive.
    case watchdog
    /// Microseconds from now within which it will be done with its start, reload or end.
    case extendTimeout(UInt64)

    /// The assignments, one a line; `now` is the monotonic clock in microseconds.
    func text(now: UInt64) -> String {
        switch self {
        case .ready: "READY=1"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(now)"
        case .stopping: "STOPPING=1"
        case .status(let text): "STATUS=" + String(text.map { $0.isNewline ? " " : $0 })
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(time)"
        }
    }
}
