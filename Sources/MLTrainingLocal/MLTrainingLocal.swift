import ArgumentParser

/// The command line of the local training service.
@main
struct MLTrainingLocal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mltraining-local",
        abstract: "Viam's ML training API on this machine, for development and tests. It trains nothing.",
        discussion: """
            A real gRPC server for viam.app.mltraining.v1.MLTrainingService, with its jobs, logs and containers in \
            an SQLite database. Its jobs run a sample trainer, which takes a while and writes a log, but learns \
            nothing and makes no model.
            """,
        subcommands: [Serve.self]
    )
}
