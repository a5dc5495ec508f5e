import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
package import Logging
import MLTrainingMessages
import NIOCore

/// The local training service: a gRPC server, a job runner and the store that both work on.
package struct LocalServer: Sendable {
    /// What a service needs to be told.
    package struct Configuration: Sendable {
        package var listen: ListenAddress
        package var dataFolder: String
        package var trainer: any Trainer
        /// The most jobs in progress at once.
        package var maxRunningJobs = 4
        /// The most log lines in one answer.
        package var logPageSize = 100
        /// Nil if calls need no sign-in.
        package var signIn: SignIn?
        /// Nil if the server speaks without TLS.
        package var identity: ServerIdentity?
        /// The clock; tests have their own.
        package var now: @Sendable () -> UnixTime = UnixTime.systemNow

        package init(listen: ListenAddress, dataFolder: String, trainer: any Trainer) {
            self.listen = listen
            self.dataFolder = dataFolder
            self.trainer = trainer
        }
    }

    /// How long calls and connections may take to end after the service was told to stop.
    private static let grace = Duration.seconds(1)

    private let address: ListenAddress
    private let transport: HTTP2ServerTransport.Posix
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let health: HealthService
    private let store: TrainingStore
    private let runner: JobRunner

    /// Opens the store and puts the parts together; nothing listens yet.
    ///
    /// - Throws: ``StoreError`` if the data folder cannot be used.
    package init(_ configuration: Configuration, logger: Logger) throws(StoreError) {
        address = configuration.listen
        store = try TrainingStore(folder: configuration.dataFolder)
        runner = JobRunner(
            store: store,
            trainer: configuration.trainer,
            maxRunning: configuration.maxRunningJobs,
            now: configuration.now,
            logger: logger
        )
        let training = TrainingService(
            store: store,
            runner: runner,
            now: configuration.now,
            logPageSize: configuration.logPageSize
        )
        var openServices = [Grpc_Health_V1_Health.descriptor.fullyQualifiedService]
        var services: [any RegistrableRPCService] = [training]
        var interceptors: [any ServerInterceptor] = [UnexpectedErrorInterceptor(logger: logger)]
        if let signIn = configuration.signIn {
            let tokens = AccessTokens(lifetime: signIn.tokenLifetime, now: configuration.now)
            openServices.append(Proto_Rpc_V1_AuthService.descriptor.fullyQualifiedService)
            services.append(AuthService(keys: signIn.keys, tokens: tokens, logger: logger))
            interceptors.append(AccessTokenInterceptor(tokens: tokens, openServices: Set(openServices)))
        }
        health = HealthService(
            services: [Viam_App_Mltraining_V1_MLTrainingService.descriptor.fullyQualifiedService] + openServices
        )
        services.append(health)
        transport = HTTP2ServerTransport.Posix(
            address: address.socketAddress,
            transportSecurity: configuration.identity?.transportSecurity ?? .plaintext,
            config: .defaults { config in
                // As Viam's service has it: messages of up to 32 MiB, pings every 5 seconds at most.
                config.rpc.maxRequestPayloadSize = 32 << 20
                config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(5)
                config.connection.keepalive.clientBehavior.allowWithoutCalls = true
            }
        )
        server = GRPCServer(
            transport: transport,
            services: services,
            interceptors: interceptors
        )
    }

    /// Serves until told to stop, then ends calls and connections and closes the store.
    ///
    /// To be called once.
    ///
    /// - Parameters:
    ///   - onListening: Called once, with the real address, when clients can connect.
    ///   - stopRequested: Returns when the service is to stop; called once, after `onListening`. It has to return
    ///     early where its task is cancelled.
    /// - Throws: ``LocalServerError``.
    package func run(
        onListening: @escaping @Sendable (ListenAddress) -> Void,
        until stopRequested: @escaping @Sendable () async -> Void
    ) async throws {
        defer { try? store.close() }
        try await runner.endJobsLeftBehind()
        try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { try await serve() }
            group.addTask { await waitUntilListening() }
            var running = 1
            while running > 0, let event = try await group.next() {
                switch event {
                case .listening(let address):
                    group.addTask { await runJobs() }
                    running += 1
                    onListening(address)
                    group.addTask {
                        await stopRequested()
                        return .stopRequested
                    }
                case .stopRequested:
                    await health.shutDown()
                    server.beginGracefulShutdown()
                    runner.stop()
                    group.addTask {
                        try? await Task.sleep(for: Self.grace)
                        return .graceIsOver
                    }
                case .graceIsOver:
                    // Hard on clients that hold on to a call; a cancelled server closes its connections.
                    group.cancelAll()
                case .partEnded:
                    running -= 1
                case .notListening:
                    break
                }
            }
            group.cancelAll()
        }
    }

    private enum Event {
        case listening(ListenAddress)
        /// The server never listened, and its own error says why.
        case notListening
        case stopRequested
        case graceIsOver
        /// The server or the job runner has come to its end.
        case partEnded
    }

    private func serve() async throws -> Event {
        do {
            try await server.serve()
        } catch let error as RuntimeError {
            throw LocalServerError(address: address, reason: Self.reason(of: error))
        }
        return .partEnded
    }

    private static func reason(of error: RuntimeError) -> String {
        if let error = error.cause as? IOError {
            return String(cString: strerror(error.errnoCode))
        }
        return String(describing: error.cause ?? error)
    }

    private func waitUntilListening() async -> Event {
        let bound = try? await transport.listeningAddress
        return bound.flatMap(ListenAddress.init).map(Event.listening) ?? .notListening
    }

    private func runJobs() async -> Event {
        await runner.run()
        return .partEnded
    }
}

/// Why the service cannot listen.
package struct LocalServerError: Error, CustomStringConvertible {
    package var address: ListenAddress
    package var reason: String

    package var description: String {
        "cannot listen on \(address): \(reason)"
    }
}
