/// How many requests a client may make, as a token bucket in the form of GCRA (ITU-T I.371, annex A).
///
/// Instead of tokens there is one time a client: that at which its bucket will be full again. A request moves it by
/// ``interval``; one that would move it further ahead of the clock than the bucket is deep is refused.
package struct RateLimit: Hashable, Sendable {
    /// Microseconds in which one request is earned.
    let interval: UInt64
    /// Microseconds that the time may be ahead of the clock before a request: those of all requests of a burst but one.
    let tolerance: UInt64

    /// Requests a second in the long run.
    package static let rates = 0.01...10_000
    /// Requests at once.
    package static let bursts = 1...100_000

    /// - Parameters:
    ///   - rate: in ``rates``; what is beyond counts as their bound.
    ///   - burst: in ``bursts``, the same; nil for those of two seconds.
    package init(rate: Double, burst: Int?) {
        let rate = min(max(rate, RateLimit.rates.lowerBound), RateLimit.rates.upperBound)
        let requests = burst ?? Int((rate * 2).rounded(.up))
        let bounded = min(max(requests, RateLimit.bursts.lowerBound), RateLimit.bursts.upperBound)
        interval = UInt64((1_000_000 / rate).rounded())
        tolerance = interval * UInt64(bounded - 1)
    }
}
