import ArgumentParser
import Glibc
import LocalTraining
import Logging

/// `mltraining-local serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the training API over gRPC, without TLS.",
        discussion: """
            Prints one line, "mltraining-local listening on HOST:PORT", when clients can connect; its log goes \
            to the standard error. SIGINT and SIGTERM stop it.

            It trains nothing: every job succeeds after --training-duration, but for custom jobs with an argument \
            \(SampleTrainer.failureArgument), which fail half-way for the reason given.

            Nothing is lost when it stops: pending jobs begin at the next start, and a job that was in progress is \
            then FAILED, with an error status that says why.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Address to listen on; port 0 lets the system choose. (default: 127.0.0.1:50051)",
            valueName: "host:port"
        ),
        transform: Self.listenAddress
    )
    var listen = Self.defaultAddress

    @Option(
        help: ArgumentHelp(
            "Folder of the database; it is made where it is missing. "
                + "(default: $XDG_DATA_HOME/mltraining-local, or ~/.local/share/mltraining-local)",
            valueName: "dir"
        )
    )
    var dataDir: String?

    @Option(help: ArgumentHelp("How long a job takes; fractions are allowed.", valueName: "seconds"))
    var trainingDuration = 5.0

    func validate() throws {
        guard trainingDuration >= 0, trainingDuration <= 86_400 else {
            throw ValidationError("--training-duration must be between 0 and 86400 seconds.")
        }
    }

    func run() async throws {
        let stopSignals = StopSignals()
        let server = try LocalServer(
            LocalServer.Configuration(
                listen: listen,
                dataFolder: try dataDir ?? Self.defaultDataFolder(),
                trainer: SampleTrainer(duration: .seconds(trainingDuration))
            ),
            logger: Logger(label: "mltraining-local", factory: { StreamLogHandler.standardError(label: $0) })
        )
        try await server.run(
            onListening: { address in
                print("mltraining-local listening on \(address)")
                fflush(nil)
            },
            until: { await stopSignals.wait() }
        )
    }

    private static let defaultAddress = ListenAddress(loopbackPort: 50051)

    private static func listenAddress(_ text: String) throws -> ListenAddress {
        guard let address = ListenAddress(text) else {
            throw ValidationError("\"\(text)\" is not an address such as 127.0.0.1:50051 or [::1]:50051.")
        }
        return address
    }

    private static func defaultDataFolder() throws -> String {
        if let folder = environment("XDG_DATA_HOME") {
            return folder + "/mltraining-local"
        }
        guard let home = environment("HOME") else {
            throw ValidationError("Neither XDG_DATA_HOME nor HOME is set: say --data-dir.")
        }
        return home + "/.local/share/mltraining-local"
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else {
            return nil
        }
        return String(cString: value)
    }
}
