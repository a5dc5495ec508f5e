import ArgumentParser
import Glibc
import HTTPRules
import MLTraining
import ProtobufSchema

/// Compares the gateway's transcoder with swift-protobuf, and shows that its work is linear in its input.
@main
struct TranscodingBenchmark: ParsableCommand {
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case speed, scaling, hostile
    }

    static let configuration = CommandConfiguration(
        commandName: "transcoding-benchmark",
        abstract: "Measures the CPU time and the allocations of JSON to protobuf and back, in Markdown tables."
    )

    @Option(help: "The parts to run.")
    var only: [Part] = Part.allCases

    @Option(help: "Rounds in which all contenders take their turns.")
    var rounds = 15

    func validate() throws {
        guard (3...1000).contains(rounds) else { throw ValidationError("--rounds is 3 to 1000") }
    }

    func run() throws {
        let schema = try Schema(descriptorSet: MLTrainingAPI.descriptorSet)
        if only.contains(.speed) { try SpeedTables(schema, rounds: rounds).print() }
        // Results are of use as they come.
        fflush(nil)
        if only.contains(.scaling) { try ScalingTable(schema).print() }
        fflush(nil)
        if only.contains(.hostile) { try HostileTable(schema, RouteTable(schema)).print() }
    }
}
