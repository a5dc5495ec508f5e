import Foundation
import GatewayTesting

/// Runs of the gateway that end by themselves, with a folder for their files.
final class ConfiguredProcess: Sendable {
    /// What came of a run.
    struct Result {
        let exit: ChildProcess.Exit
        let output: [String]
        let error: [String]

        /// The value and the origin that `check` printed for a setting.
        func setting(_ name: String) -> (value: String, origin: String)? {
            guard let line = output.first(where: { $0.hasPrefix("\(name): ") }),
                let comment = line.range(of: "  # ", options: .backwards)
            else { return nil }
            let value = line[..<comment.lowerBound].dropFirst(name.count + 2)
            return (value.trimmingCharacters(in: .whitespaces), String(line[comment.upperBound...]))
        }
    }

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes a file; its path.
    func write(_ text: String, to name: String = "gateway.yaml") throws -> String {
        let path = "\(folder.path)/\(name)"
        try FileBytes.write(Array(text.utf8), to: path)
        return path
    }

    /// Runs it; `environment` has names without their prefix.
    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        let variables = environment.map { ("MLTRAINING_GATEWAY_\($0)", $1) }
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            arguments,
            environment: Dictionary(uniqueKeysWithValues: variables)
        )
        let exit = try process.waitForExit()
        return Result(exit: exit, output: process.lines(.output), error: process.lines(.error))
    }
}
