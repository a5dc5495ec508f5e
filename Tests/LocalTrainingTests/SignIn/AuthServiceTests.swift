import GRPCCore
import GRPCProtobuf
import InMemoryLogging
import LocalTraining
import Logging
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct AuthServiceTests {
    private let folder: TemporaryFolder
    private let signIn: SignIn

    init() throws {
        folder = try TemporaryFolder()
        signIn = SignIn(keys: try APIKeys(Array("id SECRET\nother ANOTHER\n".utf8), file: "keys"))
    }

    private func request(_ entity: String, _ type: String, _ payload: String) -> Proto_Rpc_V1_AuthenticateRequest {
        .with {
            $0.entity = entity
            $0.credentials = .with {
                $0.type = type
                $0.payload = payload
            }
        }
    }

    @Test func signsIn() async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            for (id, key) in [("id", "SECRET"), ("other", "ANOTHER")] {
                let metadata = try await service.signIn(id, key: key)
                let answer = try await service.client.listTrainingJobs(
                    .with { $0.organizationID = "org" },
                    metadata: metadata
                )
                #expect(answer.jobs.isEmpty)
            }
        }
    }

    @Test func logsWhoSignedInAndNothingElse() async throws {
        let log = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in log }
        logger.logLevel = .trace
        try await LiveService.run(on: folder, logger: logger, configure: { $0.signIn = signIn }) { service in
            let metadata = try await service.signIn("id", key: "SECRET")
            _ = try await service.signIn("other", key: "ANOTHER")
            await #expect(throws: RPCError.self) { try await service.signIn("SECRET", key: "id") }
            _ = try await service.client.listSupportedContainers(.init(), metadata: metadata)
            await #expect(throws: RPCError.self) { try await service.client.listSupportedContainers(.init()) }
        }
        #expect(log.entries.map { "\($0.level) \($0.message)" } == ["info signed in id", "info signed in other"])
        #expect(log.entries.allSatisfy { $0.metadata.isEmpty })
    }

    @Test(
        arguments: [
            ("id", "ANOTHER"), ("id", "secret"), ("id", "SECRET "), ("id", "SECRE"), ("nobody", "SECRET"),
            ("ID", "SECRET"), ("id\n", "SECRET"), ("id", String(repeating: "x", count: 1024)),
        ]
    )
    func refuses(_ entity: String, _ key: String) async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            let error = await #expect(throws: RPCError.self) { try await service.signIn(entity, key: key) }
            #expect(error?.code == .unauthenticated && error?.message == "invalid API key")
            let details = try error?.unpackGoogleRPCStatus()
            #expect(details == nil)
        }
    }

    @Test(
        arguments: [
            (("", "api-key", "SECRET"), ["entity"]), (("id", "", "SECRET"), ["credentials.type"]),
            (("id", "robot-secret", "SECRET"), ["credentials.type"]),
            (("id", "API-KEY", "SECRET"), ["credentials.type"]),
            (("id", "api-key", ""), ["credentials.payload"]),
            (("", "", ""), ["entity", "credentials.type", "credentials.payload"]),
        ] as [((String, String, String), [String])]
    )
    func complains(_ fields: (String, String, String), _ violated: [String]) async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            let error = try await failure {
                try await service.auth.authenticate(request(fields.0, fields.1, fields.2))
            }
            #expect(error.code == .invalidArgument && error.violatedFields == violated)
            #expect(!error.message.contains("SECRET"))
        }
    }

    @Test func needsCredentials() async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            let error = try await failure { try await service.auth.authenticate(.with { $0.entity = "id" }) }
            #expect(error.code == .invalidArgument && error.violatedFields == ["credentials"])
        }
    }

    @Test(arguments: ["Bearer nonsense", "Basic aWQ6U0VDUkVU", ""])
    func refusesWhoBringsAuthorization(_ value: String) async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            let error = await #expect(throws: RPCError.self) {
                try await service.auth.authenticate(
                    request("id", "api-key", "SECRET"),
                    metadata: ["authorization": .string(value)]
                )
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message == "already signed in: authorization metadata is not allowed")
        }
    }

    @Test func isNotThereWithoutKeys() async throws {
        try await LiveService.run(on: folder) { service in
            let error = await #expect(throws: RPCError.self) { try await service.signIn("id", key: "SECRET") }
            #expect(error?.code == .unimplemented)
            let metadata: Metadata = ["authorization": "Bearer whatever"]
            let answer = try await service.client.listSupportedContainers(.init(), metadata: metadata)
            #expect(!answer.containerMap.isEmpty)
        }
    }
}
