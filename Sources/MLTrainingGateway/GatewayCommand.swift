import ArgumentParser

@main
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mltraining-gateway",
        abstract: "Serves the ML training API, or any annotated gRPC service, as JSON over HTTP/1.1.",
        subcommands: [ServeCommand.self, RoutesCommand.self, ConvertCommand.self]
    )
}
