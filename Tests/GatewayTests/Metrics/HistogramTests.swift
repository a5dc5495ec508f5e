import Testing

@testable import Gateway

@Suite
struct HistogramTests {
    @Test
    func aBucketIsTheFirstWhoseBoundIsNotBelow() {
        let bounds = Histogram.bounds.map(\.nanoseconds)
        #expect(bounds == bounds.sorted())
        for value in bounds.flatMap({ [$0 - 1, $0, $0 + 1] }) + [0, .max] {
            #expect(Histogram.bucket(of: value) == bounds.firstIndex { value <= $0 } ?? bounds.count, "\(value)")
        }
    }

    @Test
    func boundsAreTheSameInBothUnits() throws {
        for bound in Histogram.bounds {
            let seconds = try #require(Double("\(bound.seconds)"))
            #expect(UInt64((seconds * 1e9).rounded()) == bound.nanoseconds)
        }
    }

    @Test
    func sumsAndCountsAddUp() {
        var first = Histogram()
        first.observe(50)
        first.observe(2_000_000)
        var second = Histogram()
        second.observe(1 << 56)
        first.add(second)
        #expect(first.count == 3)
        #expect(first.sum == (1 << 56) + 2_000_050)
        #expect(first.buckets[0] == 1)
        #expect(first.buckets[4] == 1)
        #expect(first.buckets[17] == 1)
    }
}
