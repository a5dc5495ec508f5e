import ArgumentParser
import Gateway
import Settings

/// The options of `serve` from the command line, the environment and the configuration file.
///
/// What the lower layers give becomes arguments in front of the user's, so ``ServeCommand`` alone says what options
/// there are, and how their values are read.
struct LayeredOptions {
    /// A file does not name another one.
    static let notInFiles = ["config"]

    private let options: ServeCommand
    private(set) var effective: EffectiveSettings

    /// Reads the process's own arguments, which have been parsed once, and its environment.
    init() throws {
        // The zeroth is the program, the first the command's name.
        let arguments = Array(CommandLine.arguments.dropFirst(2))
        let settings = try ServeCommand.settings()
        var layers = LayeredSettings(
            settings,
            commandLine: CommandLineLayer(arguments, settings: settings),
            environment: EnvironmentLayer(InputEnvironment.variables(Setting.variablePrefix), settings: settings)
        )
        if let config = try layers.given("config"), let path = config.values.first {
            do {
                guard !path.isEmpty else { throw GatewayError("--config names no file") }
                let text = try InputFile.read(path, limit: FileLayer.maximumBytes)
                layers.add(FileLayer(text, file: path, settings: settings, excluding: Self.notInFiles))
            } catch {
                layers.report("\(error)", about: config.origin)
            }
        }
        effective = try EffectiveSettings(layers)
        effective.refuseValues { arguments in
            do {
                _ = try ServeCommand.parse(arguments)
                return nil
            } catch {
                return ServeCommand.message(for: error)
            }
        }
        do {
            options = try ServeCommand.parse(effective.arguments + arguments)
        } catch {
            // Each value is good by itself, so it is what an option group has against their company.
            let messages = effective.problems.map(\.description) + [ServeCommand.message(for: error)]
            throw GatewayError(Self.joined(messages))
        }
    }

    /// What the options make, with the files that they name read; nil if anything is wrong.
    mutating func load(isCheck: Bool = false) -> (ServedAPI, GatewayConfiguration)? {
        let configuration = options.configuration(&effective, isCheck: isCheck)
        let api = effective.load("descriptor-set", "http-rules") { try options.api.load() }
        guard let configuration, let api else { return nil }
        return (api, configuration)
    }

    /// All that is wrong, in lines that begin as the first one does when the argument parser prints it.
    var message: String { Self.joined(effective.problems.map(\.description)) }

    /// All that is wrong, with the exit code for it: 64 where the command line is to blame, 1 otherwise.
    var failure: any Error {
        guard effective.problems.contains(where: \.isUsage) else { return GatewayError(message) }
        // The argument parser itself would point to the help of the whole program.
        StandardStreams.complain("Error: \(message)\n  See 'mltraining-gateway serve --help' for more information.")
        return ExitCode.validationFailure
    }

    private static func joined(_ messages: [String]) -> String { messages.joined(separator: "\nError: ") }
}
