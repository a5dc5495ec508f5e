import ProtobufSchema
import Transcoding

/// The gateway's transcoder beside swift-protobuf, over the messages of the API.
struct SpeedTables {
    private static let printGoal = 8.0
    private static let readGoal = 5.0
    /// Of CPU time for 1,000 jobs.
    private static let thousandJobsGoal = 1e6

    private let schema: Schema
    private let rounds: Int
    private let samples: [Sample]

    init(_ schema: Schema, rounds: Int) throws {
        self.schema = schema
        self.rounds = rounds
        samples = [
            try Sample("1 job", SampleMessages.jobs(1), schema),
            try Sample("10 jobs", SampleMessages.jobs(10), schema),
            try Sample("100 jobs", SampleMessages.jobs(100), schema),
            try Sample("1,000 jobs", SampleMessages.jobs(1000), schema),
            try Sample("100 log entries", SampleMessages.logs(100), schema),
            try Sample("submit body", SampleMessages.submission, schema),
        ]
    }

    func print() throws {
        Swift.print("## Wire to JSON\n")
        try printTable(isPrinting: true)
        Swift.print("\n## JSON to wire\n")
        try printTable(isPrinting: false)
        Swift.print("\n## Wire to JSON with defaults, as `serve` prints it\n")
        try printServeTable()
    }

    /// One row a message: both contenders make the same output, without defaults.
    private func printTable(isPrinting: Bool) throws {
        var table = MarkdownTable(
            "message",
            "JSON bytes",
            "gateway µs",
            "±%",
            "MB/s",
            "swift-protobuf µs",
            "±%",
            "MB/s",
            "times as fast",
            "goal",
            "allocations",
            "in a new buffer",
            "swift-protobuf's"
        )
        let goal = isPrinting ? SpeedTables.printGoal : SpeedTables.readGoal
        var allocations: Set<Double> = []
        var thousandJobs = 0.0
        for sample in samples {
            let codec = GatewayCodec(schema, options: JSONOptions(omitsDefaults: true))
            let (reusing, fresh) = contenders(sample, codec, isPrinting: isPrinting)
            let other = Contender(name: "swift-protobuf", work: isPrinting ? sample.printJSON : sample.readJSON)
            let results = try Contender.race([reusing, other], rounds: rounds)
            let ratio = results[1].ratio(to: results[0])
            let count = try reusing.allocations()
            allocations.insert(count)
            if sample.name == "1,000 jobs" { thousandJobs = results[0].median }
            table.add(
                sample.name,
                "\(sample.json.count)",
                microseconds(results[0]),
                results[0].spread.text(1),
                rate(sample.json.count, results[0]),
                microseconds(results[1]),
                results[1].spread.text(1),
                rate(sample.json.count, results[1]),
                ratio.median.text(1),
                verdict(ratio.median >= goal, "≥ \(Int(goal))"),
                count.text(0),
                try fresh.allocations().text(0),
                try other.allocations().text(0)
            )
        }
        Swift.print(table.text)
        Swift.print(
            "",
            "1,000 jobs in \((thousandJobs / 1e6).text(3)) ms: "
                + verdict(thousandJobs < SpeedTables.thousandJobsGoal, "< 1 ms"),
            "allocations constant over all messages: " + verdict(allocations == [0], "0 in a warm buffer"),
            separator: "\n"
        )
    }

    private func contenders(_ sample: Sample, _ codec: GatewayCodec, isPrinting: Bool) -> (Contender, Contender) {
        let type = sample.type
        let input = isPrinting ? sample.wire : sample.json
        if isPrinting {
            return (
                Contender(name: "reusing") { try input.withUnsafeBytes { try codec.printJSON($0, type) } },
                Contender(name: "fresh") { try input.withUnsafeBytes { try codec.printJSONToNewBuffer($0, type) } }
            )
        }
        return (
            Contender(name: "reusing") { try input.withUnsafeBytes { try codec.readJSON($0, type) } },
            Contender(name: "fresh") { try input.withUnsafeBytes { try codec.readJSONToNewBuffer($0, type) } }
        )
    }

    /// What swift-protobuf cannot print, so that only times of the same message compare, not rates.
    private func printServeTable() throws {
        var table = MarkdownTable(
            "message",
            "JSON bytes",
            "gateway µs",
            "±%",
            "MB/s",
            "swift-protobuf µs (no defaults)",
            "times as fast"
        )
        for sample in samples {
            let codec = GatewayCodec(schema)
            let (reusing, _) = contenders(sample, codec, isPrinting: true)
            let other = Contender(name: "swift-protobuf", work: sample.printJSON)
            let results = try Contender.race([reusing, other], rounds: rounds)
            try reusing.work()
            let count = codec.outputCount
            table.add(
                sample.name,
                "\(count)",
                microseconds(results[0]),
                results[0].spread.text(1),
                rate(count, results[0]),
                microseconds(results[1]),
                results[1].ratio(to: results[0]).median.text(1)
            )
        }
        Swift.print(table.text)
    }

    private func microseconds(_ samples: Samples) -> String {
        (samples.median / 1e3).text(2)
    }

    private func rate(_ bytes: Int, _ samples: Samples) -> String {
        (Double(bytes) * 1e3 / samples.median).text(0)
    }

    private func verdict(_ isMet: Bool, _ goal: String) -> String {
        "\(goal) \(isMet ? "pass" : "FAIL")"
    }
}
