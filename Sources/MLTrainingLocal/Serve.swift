import ArgumentParser
import Glibc
import LocalTraining
import Logging

/// `mltraining-local serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the training API over gRPC.",
        discussion: """
            Prints one line, "mltraining-local listening on HOST:PORT", when clients can connect; its log goes \
            to the standard error. SIGINT and SIGTERM stop it.

            It trains nothing: every job succeeds after --training-duration, but for custom jobs with an argument \
            \(SampleTrainer.failureArgument), which fail half-way for the reason given.

            With --api-keys, calls need an access token, but for those of grpc.health.v1: a caller sends a key of \
            the file to proto.rpc.v1.AuthService/Authenticate, as callers of Viam do, and then "authorization: Bearer" \
            with the token that it got. A token is good until it expires or the server restarts. The log has a line \
            "signed in KEY_ID" for each sign-in, and never a key or a token.

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

    @Option(
        help: ArgumentHelp(
            "Ask callers to sign in with a key of this file: \"KEY_ID KEY\" a line; blank lines and lines that begin "
                + "with # are passed over. (default: no sign-in)",
            valueName: "file"
        )
    )
    var apiKeys: String?

    @Option(
        help: ArgumentHelp(
            "How long an access token is good, in whole seconds; 0 for ever. "
                + "(default: \(SignIn.defaultTokenLifetime))",
            valueName: "seconds"
        )
    )
    var tokenLifetime: Int?

    @Option(
        help: ArgumentHelp(
            "Certificate to show to clients, in PEM, with those that lead to its authority after it. "
                + "(default: no TLS)",
            valueName: "file"
        )
    )
    var tlsCert: String?

    @Option(help: ArgumentHelp("Private key of --tls-cert, in PEM and without a passphrase.", valueName: "file"))
    var tlsKey: String?

    func validate() throws {
        guard trainingDuration >= 0, trainingDuration <= 86_400 else {
            throw ValidationError("--training-duration must be between 0 and 86400 seconds.")
        }
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key need each other.")
        }
        if let tokenLifetime {
            guard apiKeys != nil else {
                throw ValidationError("--token-lifetime needs --api-keys.")
            }
            guard (0...Self.maximumTokenLifetime).contains(tokenLifetime) else {
                throw ValidationError("--token-lifetime must be between 0 and \(Self.maximumTokenLifetime) seconds.")
            }
        }
    }

    func run() async throws {
        var configuration = LocalServer.Configuration(
            listen: listen,
            dataFolder: try dataDir ?? Self.defaultDataFolder(),
            trainer: SampleTrainer(duration: .seconds(trainingDuration))
        )
        if let apiKeys {
            configuration.signIn = SignIn(
                keys: try APIKeys(file: apiKeys),
                tokenLifetime: tokenLifetime ?? SignIn.defaultTokenLifetime
            )
        }
        if let tlsCert, let tlsKey {
            configuration.identity = try ServerIdentity(certificateFile: tlsCert, keyFile: tlsKey)
        }
        let server = try LocalServer(
            configuration,
            logger: Logger(label: "mltraining-local", factory: { StreamLogHandler.standardError(label: $0) })
        )
        // From here on, and not while files are read: that may take for ever, where one is a pipe that nobody writes to.
        let stopSignals = StopSignals()
        try await server.run(
            onListening: { address in
                print("mltraining-local listening on \(address)")
                fflush(nil)
            },
            until: { await stopSignals.wait() }
        )
    }

    /// A year, in seconds.
    private static let maximumTokenLifetime = 365 * 86_400
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
