import GatewayTesting

/// What a process has used over some time.
struct MemorySeries {
    struct Sample {
        /// Since the first one.
        let seconds: Double
        let residentBytes: Int
        let openDescriptors: Int
    }

    private(set) var samples: [Sample] = []

    mutating func append(_ usage: ProcessUsage, at seconds: Double) {
        samples.append(
            Sample(seconds: seconds, residentBytes: usage.residentBytes, openDescriptors: usage.openDescriptors)
        )
    }

    /// Bytes by which the mean of the last third is above that of the first third.
    var growth: Double {
        let third = samples.count / 3
        guard third > 0 else { return 0 }
        return mean(samples.suffix(third)) - mean(samples.prefix(third))
    }

    /// Bytes that the line of least squares climbs from the first sample to the last one.
    var climb: Double {
        let times = samples.map(\.seconds)
        let count = Double(samples.count)
        guard let last = times.last, last > 0 else { return 0 }
        let middle = times.reduce(0, +) / count
        let level = mean(samples[...])
        var product = 0.0
        var square = 0.0
        for sample in samples {
            product += (sample.seconds - middle) * (Double(sample.residentBytes) - level)
            square += (sample.seconds - middle) * (sample.seconds - middle)
        }
        return product / square * last
    }

    private func mean(_ samples: ArraySlice<Sample>) -> Double {
        samples.map { Double($0.residentBytes) }.reduce(0, +) / Double(samples.count)
    }
}
