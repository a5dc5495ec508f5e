import Testing

@testable import GRPCChannel

@Suite
struct BackoffTests {
    @Test
    func growsByTheMultiplierUpToTheMaximum() {
        var backoff = Backoff()
        backoff.initial = 1_000_000_000
        backoff.maximum = 120_000_000_000
        backoff.jitter = 0
        var generator = SystemRandomNumberGenerator()
        let delays = (1...5).map { backoff.delay(afterFailures: $0, using: &generator) / 1_000_000 }
        #expect(delays == [1000, 1600, 2560, 4096, 6553])
        #expect(backoff.delay(afterFailures: 11, using: &generator) < 120_000_000_000)
        #expect(backoff.delay(afterFailures: 12, using: &generator) == 120_000_000_000)
        #expect(backoff.delay(afterFailures: .max, using: &generator) == 120_000_000_000)
    }

    @Test
    func anUpstreamThatIsBackIsFoundWithinSixSeconds() {
        var generator = SystemRandomNumberGenerator()
        for failures in 1...100 {
            #expect(Backoff().delay(afterFailures: failures, using: &generator) <= 6_000_000_000)
        }
    }

    @Test(arguments: [1, 3, 50])
    func jitterStaysWithinAFifth(failures: Int) {
        var exact = Backoff()
        exact.jitter = 0
        let backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        let middle = Double(exact.delay(afterFailures: failures, using: &generator))
        for _ in 0..<100 {
            let delay = Double(backoff.delay(afterFailures: failures, using: &generator))
            #expect(delay >= middle * 0.8 - 1 && delay <= middle * 1.2 + 1)
        }
    }
}
