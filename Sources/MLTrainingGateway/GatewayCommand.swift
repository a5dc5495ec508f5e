import ArgumentParser
import Gateway

@main
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mltraining-gateway",
        abstract: "Serves the ML training API, or any annotated gRPC service, as JSON over HTTP/1.1.",
        version: "mltraining-gateway \(ViamClient.version)",
        subcommands: [ServeCommand.self, CheckCommand.self, RoutesCommand.self, ConvertCommand.self]
    )
}
