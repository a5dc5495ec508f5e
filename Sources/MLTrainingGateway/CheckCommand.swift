import ArgumentParser
import Gateway
import Settings

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says what serve would do with the same options, and what is wrong with them.",
        discussion: """
            Prints every option with its value and where that comes from, as a file for --config, and on standard error \
            all that is wrong, with the files too that options name. Neither listens nor connects. The exit code is 1 if \
            anything is wrong.

            With --ready it asks the admin listener of a gateway that runs with the same options for /readyz instead, and \
            the exit code is 0 only if that should be sent requests: for the health checks of containers.
            """
    )

    @Flag(help: "Ask the gateway that runs with these options whether it is ready.")
    var ready = false

    /// For help and completions, as those of ``ServeCommand``.
    @OptionGroup var options: ServeOptions

    func run() throws {
        guard !ready else { return try askWhetherReady() }
        if let problems = try Self.faults() { throw problems }
    }

    private func askWhetherReady() throws {
        var options = try LayeredOptions(StartInputs(without: "--ready"))
        guard let (_, configuration) = options.load(isCheck: true) else {
            throw options.problems(of: CheckCommand.self)
        }
        try StandardStreams.write(ReadinessProbe.ask(configuration.adminListen) + "\n")
    }

    /// Prints the options; all that is wrong with them, or nil for nothing.
    ///
    /// Also for arguments that could not be parsed.
    static func faults() throws -> ConfigurationProblems? {
        var options = try LayeredOptions(StartInputs())
        let isGood = options.load(isCheck: true) != nil
        for warning in options.effective.warnings { StandardStreams.warn(warning) }
        try StandardStreams.write(options.effective.listing(excluding: LayeredOptions.notInFiles))
        return isGood ? nil : options.problems(of: CheckCommand.self)
    }
}
