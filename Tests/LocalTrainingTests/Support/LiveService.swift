import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import LocalTraining
import Logging
import MLTrainingMessages
import SwiftProtobuf
import Testing

/// A local service behind a real socket, and a real client of it.
struct LiveService: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix
    typealias TrainingClient = Viam_App_Mltraining_V1_MLTrainingService.Client<Transport>
    typealias HealthClient = Grpc_Health_V1_Health.Client<Transport>
    typealias AuthClient = Proto_Rpc_V1_AuthService.Client<Transport>

    let address: ListenAddress
    let client: TrainingClient
    let health: HealthClient
    let auth: AuthClient
    let trainer: ScriptedTrainer
    /// Makes the service stop, as a signal does.
    let stop: @Sendable () -> Void

    /// Runs a service on a folder for as long as the body takes.
    ///
    /// Its client is without TLS, or trusts an authority (a certificate in PEM) to have signed that of `localhost`.
    static func run<Result: Sendable>(
        on folder: TemporaryFolder,
        logPageSize: Int = 100,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        trusting authority: [UInt8]? = nil,
        configure: (inout LocalServer.Configuration) throws -> Void = { _ in },
        body: @Sendable (LiveService) async throws -> Result
    ) async throws -> Result {
        let trainer = ScriptedTrainer()
        var configuration = LocalServer.Configuration(
            listen: ListenAddress(loopbackPort: 0),
            dataFolder: folder.path,
            trainer: trainer
        )
        configuration.logPageSize = logPageSize
        try configure(&configuration)
        let server = try LocalServer(configuration, logger: logger)
        let (stops, stop) = AsyncStream<Void>.makeStream()
        let (addresses, listening) = AsyncStream<ListenAddress>.makeStream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { listening.finish() }
                try await server.run(
                    onListening: { listening.yield($0) },
                    until: { for await _ in stops {} }
                )
            }
            let address = await addresses.first { _ in true }
            guard let address else {
                try await group.waitForAll()
                throw NeverHappened()
            }
            let transport = try HTTP2ClientTransport.Posix(
                target: .ipv4(address: address.host, port: address.port),
                transportSecurity: security(trusting: authority),
                config: .defaults { config in
                    config.http2.authority = "localhost"
                }
            )
            let result = try await withGRPCClient(transport: transport) { client in
                try await body(
                    LiveService(
                        address: address,
                        client: TrainingClient(wrapping: client),
                        health: HealthClient(wrapping: client),
                        auth: AuthClient(wrapping: client),
                        trainer: trainer,
                        stop: { stop.finish() }
                    )
                )
            }
            stop.finish()
            try await group.waitForAll()
            return result
        }
    }

    private static func security(trusting authority: [UInt8]?) -> Transport.TransportSecurity {
        guard let authority else {
            return .plaintext
        }
        return .tls { config in
            config.trustRoots = .certificates([.bytes(authority, format: .pem)])
        }
    }

    /// Signs in with an API key and answers the metadata that calls need then.
    func signIn(_ keyID: String, key: String) async throws -> Metadata {
        let answer = try await auth.authenticate(
            .with {
                $0.entity = keyID
                $0.credentials = .with {
                    $0.type = "api-key"
                    $0.payload = key
                }
            }
        )
        return ["authorization": "Bearer \(answer.accessToken)"]
    }

    /// Submits a managed job and answers its id.
    func submit(organization: String = "org", name: String = "model") async throws -> String {
        try await client.submitTrainingJob(
            .with {
                $0.organizationID = organization
                $0.datasetID = "dataset"
                $0.modelName = name
                $0.modelType = .objectDetection
            }
        ).id
    }

    func job(_ id: String) async throws -> Viam_App_Mltraining_V1_TrainingJobMetadata {
        try await client.getTrainingJob(.with { $0.id = id }).metadata
    }

    /// Reads a job's log to its end.
    func allLogPages(of id: String) async throws -> [Viam_App_Mltraining_V1_GetTrainingJobLogsResponse] {
        var pages: [Viam_App_Mltraining_V1_GetTrainingJobLogsResponse] = []
        var token: String?
        repeat {
            let page = try await client.getTrainingJobLogs(
                .with {
                    $0.id = id
                    if let token {
                        $0.pageToken = token
                    }
                }
            )
            pages.append(page)
            token = page.nextPageToken
        } while token?.isEmpty == false && pages.count < 1000
        return pages
    }

    func waitUntil(_ id: String, is status: Viam_App_Mltraining_V1_TrainingStatus) async throws {
        try await eventually("job \(id) never was \(status)") {
            try await job(id).status == status
        }
    }
}

/// Expects a call to fail and answers its status with the details decoded.
func failure(
    sourceLocation: SourceLocation = #_sourceLocation,
    of call: () async throws -> some Sendable
) async throws -> GoogleRPCStatus {
    do {
        _ = try await call()
    } catch let error as RPCError {
        let status = try #require(
            try error.unpackGoogleRPCStatus(),
            "\(error) has no details",
            sourceLocation: sourceLocation
        )
        #expect(status.code == error.code && status.message == error.message, sourceLocation: sourceLocation)
        return status
    }
    Issue.record("the call did not fail", sourceLocation: sourceLocation)
    throw NeverHappened()
}

extension GoogleRPCStatus {
    /// The fields that a BadRequest complains about.
    var violatedFields: [String] {
        details.compactMap(\.badRequest).flatMap(\.violations).map(\.field)
    }
}
