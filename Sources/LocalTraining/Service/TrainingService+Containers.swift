package import GRPCCore
package import MLTrainingMessages
import SwiftProtobuf

extension TrainingService {
    package func listSupportedContainers(
        request: Viam_App_Mltraining_V1_ListSupportedContainersRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_ListSupportedContainersResponse {
        let containers = try await store.defaultContainers()
        return .with {
            for container in containers {
                $0.containerMap[container.key] = container.wireMessage()
            }
        }
    }

    package func listContainers(
        request: Viam_App_Mltraining_V1_ListContainersRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_ListContainersResponse {
        var check = RequestCheck()
        check.require("organization_id", request.organizationID)
        try check.finish()
        let containers = try await store.containers(organizationID: request.organizationID)
        return .with { $0.containers = containers.map { $0.wireMessage() } }
    }

    package func getContainer(
        request: Viam_App_Mltraining_V1_GetContainerRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_GetContainerResponse {
        var check = RequestCheck()
        check.require("id", request.id)
        try check.finish()
        guard let container = try await store.container(id: request.id) else {
            throw ServiceErrors.noSuchContainer(request.id)
        }
        return .with { $0.container = container.wireMessage() }
    }

    package func registerCustomTrainingContainer(
        request: Viam_App_Mltraining_V1_RegisterCustomTrainingContainerRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_RegisterCustomTrainingContainerResponse {
        var check = RequestCheck()
        check.require("organization_id", request.organizationID)
        check.require("image_uri", request.imageUri)
        check.allow("description", request.description_p)
        try check.finish()
        let time = now()
        let id = ObjectID.make(at: time)
        let container = ContainerRecord(
            id: id,
            key: "custom:\(id)",
            uri: request.imageUri,
            framework: "custom",
            description: request.description_p,
            endOfLife: nil,
            organizationID: request.organizationID,
            createdOn: time
        )
        try await store.insert(container)
        return .with { $0.id = id }
    }

    package func deleteCustomTrainingContainer(
        request: Viam_App_Mltraining_V1_DeleteCustomTrainingContainerRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_DeleteCustomTrainingContainerResponse {
        var check = RequestCheck()
        check.require("id", request.id)
        try check.finish()
        switch try await store.deleteContainer(id: request.id) {
        case .done:
            return .init()
        case .noSuchContainer:
            throw ServiceErrors.noSuchContainer(request.id)
        case .isDefault:
            throw ServiceErrors.defaultContainer(request.id)
        }
    }
}
