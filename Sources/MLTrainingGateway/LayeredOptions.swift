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
    private let secrets: EnvironmentSecrets
    private(set) var effective: EffectiveSettings
    /// Settings that ask for other values than those of `running`, which they keep.
    let heldBack: [String]

    /// Reads the configuration file that `inputs` name, whose arguments have been parsed once.
    ///
    /// `running` are the settings of a gateway that runs: what it cannot change stays.
    init(_ inputs: StartInputs, running: EffectiveSettings? = nil) throws {
        let arguments = inputs.arguments
        secrets = inputs.secrets
        let settings = try ServeCommand.settings()
        var layers = LayeredSettings(
            settings,
            commandLine: CommandLineLayer(arguments, settings: settings),
            environment: EnvironmentLayer(inputs.variables, settings: settings)
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
        if let running {
            heldBack = effective.keep(ServeCommand.fixedSettings, of: running)
        } else {
            heldBack = []
        }
        do {
            options = try ServeCommand.parse(effective.arguments + arguments)
        } catch {
            // Each value is good by itself, so it is what an option group has against their company.
            throw ConfigurationProblems(effective.problems.map(\.description) + [ServeCommand.message(for: error)])
        }
    }

    /// What the options make, with the files that they name read; nil if anything is wrong.
    mutating func load(isCheck: Bool = false) -> (ServedAPI, GatewayConfiguration)? {
        let configuration = options.configuration(&effective, secrets, isCheck: isCheck)
        let api = effective.load("descriptor-set", "http-rules") { try options.api.load() }
        guard let configuration, let api else { return nil }
        return (api, configuration)
    }

    /// Has log messages go out as the options say.
    func configureLog() {
        options.observability.configureLog()
    }

    /// All that is wrong.
    var problems: ConfigurationProblems { ConfigurationProblems(effective.problems.map(\.description)) }

    /// All that is wrong, with the exit code for it: 64 where the command line is to blame, 1 otherwise.
    var failure: any Error {
        guard effective.problems.contains(where: \.isUsage) else { return problems }
        // The argument parser itself would point to the help of the whole program.
        StandardStreams.complain("Error: \(problems)\n  See 'mltraining-gateway serve --help' for more information.")
        return ExitCode.validationFailure
    }
}
