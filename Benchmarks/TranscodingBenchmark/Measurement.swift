import CAllocationCounter
import Glibc

/// The CPU time of this process.
enum CPUTime {
    /// Nanoseconds used so far, in user and system mode.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Nanoseconds that `work` takes.
    static func of(_ work: () throws -> Void) rethrows -> Double {
        let start = now()
        try work()
        return Double(now() - start)
    }
}

/// Values of the same thing, one a round.
struct Samples {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) {
        values.append(value)
    }

    var median: Double { quantile(0.5) }

    /// Half the distance between the quartiles, in percent of the median.
    var spread: Double { (quantile(0.75) - quantile(0.25)) / 2 / median * 100 }

    private func quantile(_ part: Double) -> Double {
        let ordered = values.sorted()
        guard let last = ordered.indices.last else { return .nan }
        let position = part * Double(last)
        let lower = ordered[Int(position)]
        return lower + (ordered[min(Int(position) + 1, last)] - lower) * (position - position.rounded(.down))
    }

    /// How many times larger than `other` this is, round by round.
    func ratio(to other: Samples) -> Samples {
        var ratios = Samples()
        for (mine, theirs) in zip(values, other.values) { ratios.add(mine / theirs) }
        return ratios
    }
}

/// One way to do a task, measured in turns with the others.
struct Contender {
    let name: String
    let work: () throws -> Void

    /// Repetitions of `work` that take about `duration` nanoseconds, once it is warm.
    func repetitions(lasting duration: Double) throws -> Int {
        var count = 1
        while true {
            let taken = try CPUTime.of { for _ in 0..<count { try work() } }
            if taken >= duration / 4 { return max(1, Int(duration / taken * Double(count))) }
            count *= 2
        }
    }

    /// Heap allocations of each `work`, once it is warm.
    func allocations() throws -> Double {
        let count: UInt64 = 10
        for _ in 0..<3 { try work() }
        let before = allocation_count()
        for _ in 0..<count { try work() }
        return Double(allocation_count() - before) / Double(count)
    }

    /// Nanoseconds of CPU time for each contender's work, `rounds` samples each.
    ///
    /// The contenders take turns, so that a slower moment of the machine hits all of them.
    static func race(_ contenders: [Contender], rounds: Int, lasting duration: Double = 4e6) throws -> [Samples] {
        let repetitions = try contenders.map { try $0.repetitions(lasting: duration) }
        var samples = contenders.map { _ in Samples() }
        for _ in 0..<rounds {
            for (index, contender) in contenders.enumerated() {
                let taken = try CPUTime.of { for _ in 0..<repetitions[index] { try contender.work() } }
                samples[index].add(taken / Double(repetitions[index]))
            }
        }
        return samples
    }
}
