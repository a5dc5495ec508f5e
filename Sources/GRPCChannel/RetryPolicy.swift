/// When a call that has failed is made anew (gRFC A6), apart from calls that no application can have seen.
///
/// Only methods that are safe to repeat, and calls whose server refused the stream again when they were sent once more;
/// only on UNAVAILABLE, and only before the answer's headers have come.
package struct RetryPolicy: Hashable, Sendable {
    /// Most attempts of a call, the first one included; 1 for no retries, and never more than 5.
    package var maxAttempts = 3
    /// Longest wait before the first retry, in nanoseconds; the wait is chosen at random below it.
    package var initialBackoff: UInt64 = 100_000_000
    /// Longest wait before any retry, in nanoseconds.
    package var maximumBackoff: UInt64 = 1_000_000_000
    /// What each further retry multiplies the longest wait with.
    package var multiplier = 2.0
    /// Tokens of a channel's ``RetryThrottle``, at most 1000.
    package var maxTokens = 10
    /// Tokens that a call that succeeds gives back, to a thousandth.
    package var tokenRatio = 0.1

    package init() {}

    /// gRFC A6 caps what a configuration may ask for.
    var effectiveMaxAttempts: Int { min(maxAttempts, 5) }

    /// Nanoseconds to wait before the `retry`-th retry, counted from 1.
    func delay(beforeRetry retry: Int, using generator: inout some RandomNumberGenerator) -> UInt64 {
        var longest = Double(initialBackoff)
        for _ in 1..<max(1, min(retry, 5)) { longest *= multiplier }
        longest = max(0, min(longest, Double(maximumBackoff)))
        // The bounds are nanoseconds of a wait, far below 2^63.
        return UInt64(min(Double.random(in: 0...longest, using: &generator), 9e18))
    }
}
