import ArgumentParser
import Gateway

@main
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mltraining-gateway",
        abstract: "Serves the ML training API, or any annotated gRPC service, as JSON over HTTP/1.1.",
        version: "mltraining-gateway \(ViamClient.version)",
        subcommands: [
            ServeCommand.self, CheckCommand.self, RoutesCommand.self, OpenAPICommand.self, TypeScriptCommand.self,
            ConvertCommand.self,
        ]
    )

    static func main() {
        // Swift finds the arguments there, and would go on without any: with the help, as if that had been asked for.
        guard !CommandLine.arguments.isEmpty else { exit(withError: GatewayError("/proc is not mounted here")) }
        do {
            var command = try parsedCommand()
            try command.run()
        } catch {
            exit(withError: error)
        }
    }

    private static func parsedCommand() throws -> any ParsableCommand {
        do {
            return try parseAsRoot()
        } catch {
            // Help and the like.
            guard exitCode(for: error) == .validationFailure else { throw error }
            // The argument parser stops at the first problem. These two tell all there are, in files too.
            let arguments = CommandLine.arguments.dropFirst()
            let asksForHelp = arguments.contains { $0 == "--help" || $0 == "-h" }
            switch arguments.first {
            case ServeCommand.configuration.commandName:
                throw asksForHelp ? CleanExit.helpRequest(ServeCommand.self) : try ServeCommand.faults() ?? error
            case CheckCommand.configuration.commandName:
                throw asksForHelp ? CleanExit.helpRequest(CheckCommand.self) : try CheckCommand.faults() ?? error
            default:
                throw error
            }
        }
    }
}
