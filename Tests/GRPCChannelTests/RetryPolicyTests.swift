import Testing

@testable import GRPCChannel

@Suite
struct RetryPolicyTests {
    @Test(arguments: [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (Int.max, 1000)] as [(Int, UInt64)])
    func waitsAreRandomBelowABoundThatGrows(retry: Int, milliseconds: UInt64) {
        let policy = RetryPolicy()
        var generator = SystemRandomNumberGenerator()
        let waits = (0..<500).map { _ in policy.delay(beforeRetry: retry, using: &generator) }
        let bound = milliseconds * 1_000_000
        #expect(waits.allSatisfy { $0 <= bound })
        // All of the range is used: one in 10^48 runs would have no wait in its upper fifth.
        #expect(waits.contains { $0 > bound / 5 * 4 })
        #expect(waits.contains { $0 < bound / 5 })
    }

    @Test
    func throttleAllowsRetriesWhileMoreThanHalfIsLeft() {
        var throttle = RetryThrottle(RetryPolicy())
        for _ in 0..<4 { throttle.callFailed() }
        #expect(throttle.allowsRetry)
        throttle.callFailed()
        #expect(!throttle.allowsRetry)
        throttle.callSucceeded()
        #expect(throttle.allowsRetry)
        for _ in 0..<100 { throttle.callFailed() }
        for _ in 0..<50 { throttle.callSucceeded() }
        #expect(!throttle.allowsRetry)
        throttle.callSucceeded()
        #expect(throttle.allowsRetry)
    }

    @Test(
        arguments: [
            ("0", .after(0)), ("250", .after(250_000_000)), ("0000000001", .after(1_000_000)), ("-1", .never),
            ("", .never),
            ("1.5", .never), (" 1", .never), ("00000000001", .never), ("9999999999", .after(9_999_999_999_000_000)),
        ] as [(String, RetryPushback)]
    )
    func pushback(text: String, expected: RetryPushback) {
        #expect(Array(text.utf8).withUnsafeBytes { RetryPushback($0) } == expected)
    }
}
