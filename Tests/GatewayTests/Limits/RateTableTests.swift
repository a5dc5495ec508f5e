import EventLoop
import RPCCore
import Testing

@testable import Gateway

@Suite
struct RateTableTests {
    private let table = RateTable()
    private let second: UInt64 = 1_000_000

    /// Takes until it is refused; how often that went well, at most `most` times.
    private func takeAll(_ hash: UInt64, at now: UInt64, within limit: RateLimit, most: Int = 1_000_000) -> Int {
        for count in 0..<most where table.take(hash: hash, at: now, within: limit) != nil { return count }
        return most
    }

    @Test(arguments: [(1.0, 1), (1.0, 5), (0.5, 3), (100.0, 200), (3.0, 1), (0.01, 2), (10_000.0, 100_000)])
    func aFullBucketHoldsABurst(rate: Double, burst: Int) {
        let limit = RateLimit(rate: rate, burst: burst)
        #expect(takeAll(77, at: 5 * second, within: limit) == burst)
    }

    @Test
    func theDefaultBurstIsOfTwoSeconds() {
        for (rate, burst) in [(1.0, 2), (10, 20), (0.2, 1), (2.6, 6)] {
            #expect(RateLimit(rate: rate, burst: nil) == RateLimit(rate: rate, burst: burst))
        }
    }

    @Test
    func requestsAreEarnedEvenly() {
        let limit = RateLimit(rate: 4, burst: 2)
        var now = 10 * second
        #expect(takeAll(1, at: now, within: limit) == 2)
        #expect(table.take(hash: 1, at: now, within: limit) == 250_000_000)
        #expect(table.take(hash: 1, at: now + 100_000, within: limit) == 150_000_000)
        // Asking does not cost anything.
        now += 250_000
        #expect(takeAll(1, at: now, within: limit) == 1)
        now += 250_000
        #expect(takeAll(1, at: now, within: limit) == 1)
        // And no pause earns more than a bucket.
        now += 3600 * second
        #expect(takeAll(1, at: now, within: limit) == 2)
    }

    /// Over any time there are no more than a burst and what is earned.
    @Test
    func theRateHoldsInTheLongRun() {
        let limit = RateLimit(rate: 7, burst: 3)
        var taken = 0
        for now in stride(from: second, to: 101 * second, by: 10_000) {
            if table.take(hash: 9, at: now, within: limit) == nil { taken += 1 }
        }
        #expect((700...703).contains(taken))
    }

    @Test
    func aClockThatGoesBackDoesNotTrap() {
        let limit = RateLimit(rate: 1, burst: 2)
        #expect(table.take(hash: 3, at: 100 * second, within: limit) == nil)
        #expect(table.take(hash: 3, at: 99 * second, within: limit) != nil)
        #expect(table.take(hash: 3, at: 0, within: limit) != nil)
        // Nor one that is far beyond what the table's words hold.
        #expect(table.take(hash: 4, at: .max / 1000, within: limit) == nil)
    }

    @Test
    func clientsDoNotDisturbEachOther() throws {
        let limit = RateLimit(rate: 1, burst: 2)
        let now = Deadline(nanoseconds: 1_000_000_000_000)
        for number in 0..<1000 {
            let address = try #require(IPAddress(parsing: "10.0.\(number / 256).\(number % 256)"))
            #expect(table.take(address, at: now, within: limit) == nil)
        }
        // The same /64 is the same client, and so is the same IPv4 address however it is written.
        for (first, second) in [("2001:db8::1", "2001:db8::ffff:1"), ("192.0.2.9", "::ffff:192.0.2.9")] {
            let pair = try (#require(IPAddress(parsing: first)), #require(IPAddress(parsing: second)))
            #expect(table.take(pair.0, at: now, within: limit) == nil)
            #expect(table.take(pair.1, at: now, within: limit) == nil)
            #expect(table.take(pair.0, at: now, within: limit) != nil)
        }
        #expect(table.take(nil, at: now, within: limit) == nil)
        #expect(table.take(nil, at: now, within: limit) == nil)
        #expect(table.take(nil, at: now, within: limit) != nil)
    }

    /// The set is full: whoever owes least is forgotten, and those who owe much are not.
    @Test
    func aFullSetForgetsWhoOwesLeast() {
        let limit = RateLimit(rate: 1, burst: 10)
        let now = 50 * second
        let hash = { (tag: UInt64) in tag << 48 | 5 }
        for tag in UInt64(1)...8 {
            for _ in 0..<tag { #expect(table.take(hash: hash(tag), at: now, within: limit) == nil) }
        }
        // A ninth one takes the place of the first, and others then that of the ninth.
        for tag in UInt64(100)..<200 { #expect(table.take(hash: hash(tag), at: now, within: limit) == nil) }
        for tag in UInt64(2)...8 {
            #expect(takeAll(hash(tag), at: now, within: limit) == 10 - Int(tag))
        }
    }

    /// Many more addresses than places never make it stricter on anyone.
    @Test
    func anAttackDoesNotShutOthersOut() {
        let limit = RateLimit(rate: 1, burst: 1)
        var generator = SystemRandomNumberGenerator()
        var refused = 0
        for number in 0..<(4 * RateTable.capacity) {
            // Distinct in place and tag together.
            let hash = UInt64(number % 8192) | UInt64(number / 8192) << 48
            if table.take(hash: hash, at: second, within: limit) != nil { refused += 1 }
        }
        #expect(refused == 0)
        for _ in 0..<1000 {
            let hash = generator.next() | 1 << 63
            _ = table.take(hash: hash, at: second, within: limit)
            #expect(table.take(hash: hash, at: 3 * second, within: limit) == nil)
        }
    }

    /// Workers that take from one bucket at once get no more of it together than one would.
    @Test
    func threadsShareABucket() throws {
        let limit = RateLimit(rate: 0.01, burst: 10_000)
        let taken = Locked(0)
        let threads = try (0..<4).map { _ in
            try LoopThread { [table] in
                var count = 0
                for _ in 0..<5000 where table.take(hash: 42, at: 1_000_000, within: limit) == nil { count += 1 }
                taken.withLock { $0 += count }
            }
        }
        for thread in threads { thread.join() }
        #expect(taken.withLock { $0 } == 10_000)
    }

    @Test
    func theLimitMayChange() {
        #expect(takeAll(8, at: second, within: RateLimit(rate: 1, burst: 5)) == 5)
        #expect(takeAll(8, at: second, within: RateLimit(rate: 1, burst: 8)) == 3)
        #expect(takeAll(8, at: second, within: RateLimit(rate: 1, burst: 1)) == 0)
        #expect(takeAll(8, at: 9 * second, within: RateLimit(rate: 1, burst: 1)) == 1)
    }
}
