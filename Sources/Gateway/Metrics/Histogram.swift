/// How many durations fell below which bounds (Prometheus' cumulative histogram, before it is made cumulative).
struct Histogram: Sendable {
    /// Upper bounds of all buckets but the last, which has none; as `le` has them, in seconds, and in nanoseconds.
    static let bounds: [(seconds: StaticString, nanoseconds: UInt64)] = [
        ("0.0001", 100_000), ("0.00025", 250_000), ("0.0005", 500_000), ("0.001", 1_000_000), ("0.0025", 2_500_000),
        ("0.005", 5_000_000), ("0.01", 10_000_000), ("0.025", 25_000_000), ("0.05", 50_000_000), ("0.1", 100_000_000),
        ("0.25", 250_000_000), ("0.5", 500_000_000), ("1.0", 1_000_000_000), ("2.5", 2_500_000_000),
        ("5.0", 5_000_000_000), ("10.0", 10_000_000_000), ("30.0", 30_000_000_000),
    ]

    private(set) var buckets = InlineArray<18, UInt64>(repeating: 0)
    /// Of all durations, in nanoseconds.
    private(set) var sum: UInt64 = 0

    mutating func observe(_ nanoseconds: UInt64) {
        buckets[Histogram.bucket(of: nanoseconds)] &+= 1
        sum &+= nanoseconds
    }

    mutating func add(_ other: Histogram) {
        for index in buckets.indices { buckets[index] &+= other.buckets[index] }
        sum &+= other.sum
    }

    var count: UInt64 {
        var count: UInt64 = 0
        for index in buckets.indices { count &+= buckets[index] }
        return count
    }

    /// The same as a search in ``bounds``, in comparisons with constants.
    static func bucket(of nanoseconds: UInt64) -> Int {
        switch nanoseconds {
        case ...100_000: 0
        case ...250_000: 1
        case ...500_000: 2
        case ...1_000_000: 3
        case ...2_500_000: 4
        case ...5_000_000: 5
        case ...10_000_000: 6
        case ...25_000_000: 7
        case ...50_000_000: 8
        case ...100_000_000: 9
        case ...250_000_000: 10
        case ...500_000_000: 11
        case ...1_000_000_000: 12
        case ...2_500_000_000: 13
        case ...5_000_000_000: 14
        case ...10_000_000_000: 15
        case ...30_000_000_000: 16
        default: 17
        }
    }
}
