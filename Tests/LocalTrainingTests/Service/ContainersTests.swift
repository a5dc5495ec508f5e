import GRPCCore
import GRPCProtobuf
import LocalTraining
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct ContainersTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func twoAreSupportedByDefault() async throws {
        try await LiveService.run(on: folder) { service in
            let map = try await service.client.listSupportedContainers(.init()).containerMap
            #expect(Set(map.keys) == ["tf:2.15", "tf:2.16"])
            let container = try #require(map["tf:2.15"])
            #expect(container.key == "tf:2.15" && container.framework == "tensorflow")
            #expect(container.uri == "us-docker.pkg.dev/vertex-ai/training/tf-gpu.2-15.py310:latest")
            #expect(container.description_p == "Tensorflow 2.15")
            #expect(try container.eol.jsonString() == "\"2026-03-03T00:00:00Z\"")
            #expect(container.visibility == .public && container.organizationID.isEmpty)
            #expect(try await service.client.getContainer(.with { $0.id = container.id }).container == container)
        }
    }

    @Test func areRegisteredListedAndDeleted() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.client.registerCustomTrainingContainer(
                .with {
                    $0.organizationID = "org"
                    $0.imageUri = "registry/image:1"
                    $0.description_p = "ours"
                }
            ).id
            let container = try await service.client.getContainer(.with { $0.id = id }).container
            #expect(container.id == id && container.uri == "registry/image:1" && container.description_p == "ours")
            #expect(container.organizationID == "org" && container.visibility == .private)
            #expect(container.hasCreatedOn && !container.hasEol && !container.key.isEmpty)

            func keys(_ organization: String) async throws -> [String] {
                let list = try await service.client.listContainers(.with { $0.organizationID = organization })
                return list.containers.map(\.key)
            }
            #expect(try await keys("org") == ["tf:2.15", "tf:2.16", container.key])
            #expect(try await keys("other") == ["tf:2.15", "tf:2.16"])
            #expect(try await service.client.listSupportedContainers(.init()).containerMap.count == 2)

            _ = try await service.client.deleteCustomTrainingContainer(.with { $0.id = id })
            #expect(try await keys("org") == ["tf:2.15", "tf:2.16"])
            let gone = try await failure { try await service.client.getContainer(.with { $0.id = id }) }
            #expect(gone.code == .notFound)
            #expect(gone.details.first?.resourceInfo?.type == "container")
            #expect(gone.details.first?.resourceInfo?.name == id)
            let again = try await failure {
                try await service.client.deleteCustomTrainingContainer(.with { $0.id = id })
            }
            #expect(again.code == .notFound)
        }
    }

    @Test func everythingThatIsMissingIsNamed() async throws {
        try await LiveService.run(on: folder) { service in
            let client = service.client
            let register = try await failure { try await client.registerCustomTrainingContainer(.init()) }
            #expect(register.violatedFields == ["organization_id", "image_uri"])
            let list = try await failure { try await client.listContainers(.init()) }
            #expect(list.violatedFields == ["organization_id"])
            let get = try await failure { try await client.getContainer(.init()) }
            #expect(get.violatedFields == ["id"])
            let delete = try await failure { try await client.deleteCustomTrainingContainer(.init()) }
            #expect(delete.violatedFields == ["id"])
            #expect([register, list, get, delete].allSatisfy { $0.code == .invalidArgument })
        }
    }

    @Test func defaultOnesStay() async throws {
        try await LiveService.run(on: folder) { service in
            let id = "000000000000000000000215"
            let error = try await failure {
                try await service.client.deleteCustomTrainingContainer(.with { $0.id = id })
            }
            #expect(error.code == .failedPrecondition)
            #expect(error.details.first?.preconditionFailure?.violations.first?.subject == "container \(id)")
            #expect(try await service.client.getContainer(.with { $0.id = id }).container.key == "tf:2.15")
        }
    }
}
