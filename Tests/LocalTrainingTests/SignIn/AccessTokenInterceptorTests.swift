import GRPCCore
import GRPCProtobuf
import LocalTraining
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct AccessTokenInterceptorTests {
    private let folder: TemporaryFolder
    private let signIn: SignIn

    init() throws {
        folder = try TemporaryFolder()
        signIn = SignIn(keys: try APIKeys(Array("id SECRET".utf8), file: "keys"), tokenLifetime: 60)
    }

    /// Expects a call to be refused for its token, in plain words.
    private func expectRefusal(
        _ refusal: TokenRefusal,
        sourceLocation: SourceLocation = #_sourceLocation,
        of call: () async throws -> some Sendable
    ) async throws {
        let error = await #expect(throws: RPCError.self, sourceLocation: sourceLocation) { _ = try await call() }
        #expect(error?.code == .unauthenticated && error?.message == refusal.message, sourceLocation: sourceLocation)
        #expect(try error?.unpackGoogleRPCStatus() == nil, sourceLocation: sourceLocation)
    }

    @Test func everyCallNeedsAToken() async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            let client = service.client
            try await expectRefusal(.missing) { try await service.submit() }
            try await expectRefusal(.missing) { try await client.submitCustomTrainingJob(.init()) }
            try await expectRefusal(.missing) { try await client.getTrainingJob(.init()) }
            try await expectRefusal(.missing) { try await client.listTrainingJobs(.init()) }
            try await expectRefusal(.missing) { try await client.cancelTrainingJob(.init()) }
            try await expectRefusal(.missing) { try await client.deleteCompletedTrainingJob(.init()) }
            try await expectRefusal(.missing) { try await client.getTrainingJobLogs(.init()) }
            try await expectRefusal(.missing) { try await client.listSupportedContainers(.init()) }
            try await expectRefusal(.missing) { try await client.listContainers(.init()) }
            try await expectRefusal(.missing) { try await client.getContainer(.init()) }
            try await expectRefusal(.missing) { try await client.registerCustomTrainingContainer(.init()) }
            try await expectRefusal(.missing) { try await client.deleteCustomTrainingContainer(.init()) }

            let metadata = try await service.signIn("id", key: "SECRET")
            let jobs = try await client.listTrainingJobs(.with { $0.organizationID = "org" }, metadata: metadata).jobs
            #expect(jobs.isEmpty, "a call that was refused was carried out")
        }
    }

    @Test func saysWhatIsWrongWithAToken() async throws {
        let clock = TestClock()
        try await LiveService.run(
            on: folder,
            configure: {
                $0.signIn = signIn
                $0.now = clock.now
            },
            body: { service in
                func list(_ authorization: String...) async throws -> Int {
                    var metadata = Metadata()
                    for value in authorization {
                        metadata.addString(value, forKey: "authorization")
                    }
                    let request = Viam_App_Mltraining_V1_ListTrainingJobsRequest.with { $0.organizationID = "org" }
                    return try await service.client.listTrainingJobs(request, metadata: metadata).jobs.count
                }
                let good = try await service.signIn("id", key: "SECRET")
                let value = try #require(good[stringValues: "authorization"].first { _ in true })
                #expect(try await list(value) == 0)
                try await expectRefusal(.malformed) { try await list("Bearer nonsense") }
                try await expectRefusal(.malformed) { try await list("Basic aWQ6U0VDUkVU") }
                try await expectRefusal(.malformed) { try await list(value, value) }
                try await expectRefusal(.foreign) { try await list("Bearer e30.e30.AAAA") }

                clock.advance(milliseconds: 61_000)
                try await expectRefusal(.expired) { try await list(value) }
                let renewed = try await service.signIn("id", key: "SECRET")
                #expect(try await list(try #require(renewed[stringValues: "authorization"].first { _ in true })) == 0)
            }
        )
    }

    @Test func aRestartEndsAllTokens() async throws {
        let before = try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            try await service.signIn("id", key: "SECRET")
        }
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            try await expectRefusal(.foreign) {
                try await service.client.listSupportedContainers(.init(), metadata: before)
            }
            let after = try await service.signIn("id", key: "SECRET")
            _ = try await service.client.listSupportedContainers(.init(), metadata: after)
        }
    }

    @Test func healthIsForEverybody() async throws {
        try await LiveService.run(on: folder, configure: { $0.signIn = signIn }) { service in
            for name in ["", "viam.app.mltraining.v1.MLTrainingService", "proto.rpc.v1.AuthService"] {
                #expect(try await service.health.check(.with { $0.service = name }).status == .serving)
            }
            let first = try await service.health.watch(.init()) { response in
                try await response.messages.first { _ in true }
            }
            #expect(first?.status == .serving)
        }
    }
}
