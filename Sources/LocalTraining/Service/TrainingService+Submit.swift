package import GRPCCore
package import MLTrainingMessages
import SwiftProtobuf

extension TrainingService {
    package func submitTrainingJob(
        request: Viam_App_Mltraining_V1_SubmitTrainingJobRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_SubmitTrainingJobResponse {
        var check = RequestCheck()
        check.require("dataset_id", request.datasetID)
        check.require("organization_id", request.organizationID)
        check.require("model_name", request.modelName)
        check.allow("model_version", request.modelVersion)
        check.require("model_type", request.modelType)
        check.allow("model_framework", request.modelFramework)
        try check.finish()

        var job = newJob(
            organizationID: request.organizationID,
            datasetID: request.datasetID,
            modelName: request.modelName,
            modelVersion: request.modelVersion
        )
        job.modelType = request.modelType.rawValue
        job.modelFramework = request.modelFramework.rawValue
        job.tags = request.tags
        try await submit(job)
        return .with { $0.id = job.id }
    }

    package func submitCustomTrainingJob(
        request: Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_SubmitCustomTrainingJobResponse {
        var check = RequestCheck()
        check.require("dataset_id", request.datasetID)
        check.requireRegistryItem("registry_item_id", request.registryItemID)
        check.require("organization_id", request.organizationID)
        check.require("model_name", request.modelName)
        check.allow("model_version", request.modelVersion)
        check.allow("registry_item_version", request.registryItemVersion)
        check.allow("container_version", request.containerVersion)
        check.allow("container_id", request.containerID)
        try check.finish()
        let container = try await container(for: request)

        var job = newJob(
            organizationID: request.organizationID,
            datasetID: request.datasetID,
            modelName: request.modelName,
            modelVersion: request.modelVersion
        )
        job.isCustom = true
        job.modelFramework = Viam_App_Mltraining_V1_ModelFramework.registry.rawValue
        job.registryItemID = request.registryItemID
        job.registryItemVersion = request.registryItemVersion
        job.arguments = request.arguments
        job.containerKey = container.key
        job.containerID = container.id
        try await submit(job)
        return .with { $0.id = job.id }
    }

    /// The container that a custom job is to run in: the one that it names, or the newest default one.
    ///
    /// - Throws: NOT_FOUND if the organization cannot use a container of this id or key, INVALID_ARGUMENT
    ///   if id and key name different ones.
    private func container(
        for request: Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest
    ) async throws -> ContainerRecord {
        let usable = try await store.containers(organizationID: request.organizationID)
        if request.containerID.isEmpty, request.containerVersion.isEmpty {
            guard let newest = usable.last(where: \.isDefault) else {
                throw ServiceErrors.noSuchContainer("by default")
            }
            return newest
        }
        let name = request.containerID.isEmpty ? request.containerVersion : request.containerID
        let named = usable.first { container in
            request.containerID.isEmpty ? container.key == name : container.id == name
        }
        guard let container = named else {
            throw ServiceErrors.noSuchContainer(name)
        }
        if !request.containerVersion.isEmpty, request.containerVersion != container.key {
            var check = RequestCheck()
            check.violate(
                "container_version",
                "is not that of container_id, which is \(container.key)",
                reason: "CONTRADICTION"
            )
            try check.finish()
        }
        return container
    }

    private func newJob(
        organizationID: String,
        datasetID: String,
        modelName: String,
        modelVersion: String
    ) -> JobRecord {
        let time = now()
        return JobRecord(
            id: ObjectID.make(at: time),
            organizationID: organizationID,
            datasetID: datasetID,
            modelName: modelName,
            modelVersion: modelVersion.isEmpty ? time.versionName : modelVersion,
            createdOn: time
        )
    }

    private func submit(_ job: JobRecord) async throws {
        // Even when the insert throws: a cancelled call may have stored the job nevertheless.
        defer { runner.jobWasSubmitted() }
        try await store.insert(job)
    }
}
