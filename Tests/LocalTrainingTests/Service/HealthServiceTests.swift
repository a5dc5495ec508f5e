import GRPCCore
import GRPCProtobuf
import LocalTraining
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct HealthServiceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: ["", "viam.app.mltraining.v1.MLTrainingService", "grpc.health.v1.Health"])
    func serves(_ name: String) async throws {
        try await LiveService.run(on: folder) { service in
            let answer = try await service.health.check(.with { $0.service = name })
            #expect(answer.status == .serving)
        }
    }

    @Test func knowsNoOtherService() async throws {
        try await LiveService.run(on: folder) { service in
            let error = try await failure { try await service.health.check(.with { $0.service = "other" }) }
            #expect(error.code == .notFound && error.details.first?.resourceInfo?.name == "other")

            let first = try await service.health.watch(.with { $0.service = "other" }) { response in
                try await response.messages.first { _ in true }
            }
            #expect(first?.status == .serviceUnknown)
        }
    }

    @Test func watchersSeeTheShutdown() async throws {
        try await LiveService.run(on: folder) { service in
            let seen = try await service.health.watch(.init()) { response in
                var seen: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
                for try await message in response.messages {
                    seen.append(message.status)
                    service.stop()
                }
                return seen
            }
            #expect(seen == [.serving, .notServing])
        }
    }
}
