import ArgumentParser
import Gateway
import Settings

/// The options of `serve` from the command line, the environment and the configuration file.
///
/// What the lower layers give becomes arguments in front of the user's, so ``ServeOptions`` alone says what options
/// there are, and how their values are read.
struct LayeredOptions {
    /// A file does not name another one.
    static let notInFiles = ["config"]

    private let options: ServeOptions
    private let secrets: EnvironmentSecrets
    private(set) var effective: EffectiveSettings
    /// Settings that ask for other values than those of `running`, which they keep.
    let heldBack: [String]

    /// Reads the configuration file that `inputs` name, and parses it all; arguments may be wrong.
    ///
    /// `running` are the settings of a gateway that runs: what it cannot change stays.
    init(_ inputs: StartInputs, running: EffectiveSettings? = nil) throws {
        let arguments = inputs.arguments
        secrets = inputs.secrets
        let settings = try ServeOptions.settings()
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
        var effective = try EffectiveSettings(layers)
        var options = try Self.parse(&effective)
        var heldBack: [String] = []
        if let running {
            let (fixed, presence) = (ServeOptions.fixedSettings, ServeOptions.fixedPresence)
            heldBack = effective.keep(fixed, presenceOf: presence, of: running)
            if !heldBack.isEmpty { options = try Self.parse(&effective) }
        }
        (self.effective, self.options, self.heldBack) = (effective, options, heldBack)
    }

    private static func parse(_ effective: inout EffectiveSettings) throws -> ServeOptions {
        do {
            return try effective.resolve(
                parse: { try ServeOptions.parse($0) },
                fault: ServeOptions.message,
                texts: \.texts
            )
        } catch {
            // Each value is good by itself, so it is what an option group has against their company.
            throw ConfigurationProblems(effective.problems.map(\.description) + [ServeOptions.message(for: error)])
        }
    }

    /// What the options make, with the files that they name read; nil if anything is wrong.
    mutating func load(isCheck: Bool = false) -> (ServedAPI, GatewayConfiguration)? {
        let configuration = options.configuration(&effective, secrets, isCheck: isCheck)
        let served = effective.load("descriptor-set", "http-rules") {
            let descriptorSet = try options.api.descriptors.load()
            return (api: try options.api.load(descriptorSet), descriptorSet)
        }
        let publicURL = effective.parse("public-url") { try options.publicURL.url() }
        guard var configuration, let (api, descriptorSet) = served, let publicURL else { return nil }
        do {
            configuration.pages = try options.pages(of: api, descriptorSet, at: publicURL)
        } catch {
            // The API itself is none the worse for it.
            effective.warn("no /docs and no /openapi.json: \(error)")
        }
        return (api, configuration)
    }

    /// Has log messages go out as the options say.
    func configureLog() {
        options.observability.configureLog()
    }

    /// All that is wrong.
    var problems: ConfigurationProblems { ConfigurationProblems(effective.problems.map(\.description)) }

    /// The same for those who run `command`.
    func problems(of command: (some ParsableCommand).Type) -> ConfigurationProblems {
        var problems = problems
        if isUsage { problems.command = command.configuration.commandName }
        return problems
    }

    /// Whether the command line is to blame for anything.
    private var isUsage: Bool { effective.problems.contains(where: \.isUsage) }

    /// All that is wrong for those who run `serve`, with the exit code for it: 64 where the command line is to blame, 1
    /// otherwise.
    var failure: any Error {
        let problems = problems(of: ServeCommand.self)
        guard isUsage else { return problems }
        StandardStreams.complain("Error: \(problems)")
        return ExitCode.validationFailure
    }
}
