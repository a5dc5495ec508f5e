/// Keeps retries from adding to the load of servers that fail for having too much of it (gRFC A6, "Throttling").
///
/// Each call that fails takes a token, each that succeeds gives a part of one back; while no more than half of the tokens
/// are left, nothing is retried. Counted in thousandths.
struct RetryThrottle {
    private let maximum: Int
    private let refund: Int
    private var tokens: Int

    init(_ policy: RetryPolicy) {
        maximum = 1000 * max(0, min(policy.maxTokens, 1000))
        refund = Int(1000 * max(0, min(policy.tokenRatio, 1000)))
        tokens = maximum
    }

    var allowsRetry: Bool { tokens > maximum / 2 }

    mutating func callSucceeded() {
        if tokens < maximum { tokens = min(maximum, tokens + refund) }
    }

    mutating func callFailed() {
        tokens = max(0, tokens - 1000)
    }
}
