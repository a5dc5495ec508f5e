/// How long to wait before connecting again (grpc/doc/connection-backoff.md).
///
/// The document's multiplier and jitter, but 100 milliseconds and 5 seconds for its second and its two minutes, which
/// are meant for millions of clients. A gateway is one of few, and calls fail at once for as long as it waits, so it
/// should be of use soon after its server is: within a second after a quick restart, within seconds after an outage. What
/// that costs a dead server is one SYN an address and worker every five seconds.
///
/// In milliseconds, each within a fifth either way: 100, 160, 256, 410, 655, 1049, 1678, 2684, 4295, and 5000 from then
/// on. Names that cannot be looked up and servers that fail their health check are tried at the same pace.
package struct Backoff: Hashable, Sendable {
    /// Wait after the first failure, in nanoseconds.
    package var initial: UInt64 = 100_000_000
    /// Longest wait before jitter, in nanoseconds.
    package var maximum: UInt64 = 5_000_000_000
    /// What each further failure multiplies the wait with.
    package var multiplier = 1.6
    /// How far the wait is moved at random, as a share of it, either way.
    package var jitter = 0.2

    package init() {}

    /// Nanoseconds to wait after the `failures`-th failure in a row, counted from 1.
    func delay(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> UInt64 {
        var delay = Double(initial)
        // Past a hundred steps any sensible maximum has been reached, and the loop stays short.
        for _ in 1..<max(2, min(failures, 100)) {
            guard failures > 1, delay < Double(maximum) else { break }
            delay *= multiplier
        }
        delay = min(delay, Double(maximum))
        return UInt64(max(0, delay * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator)))
    }
}
