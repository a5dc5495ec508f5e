import GRPCCore
import GRPCProtobuf
import LocalTraining
import MLTrainingMessages
import SwiftProtobuf
import Testing

@Suite struct SubmitTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func managedJobIsCompleted() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.client.submitTrainingJob(
                .with {
                    $0.datasetID = "dataset"
                    $0.organizationID = "org"
                    $0.modelName = "model"
                    $0.modelVersion = "v7"
                    $0.modelType = .singleLabelClassification
                    $0.modelFramework = .tflite
                    $0.tags = ["cat", "dog"]
                }
            ).id
            #expect(id.utf8.count == 24 && id.allSatisfy(\.isHexDigit))
            try await service.waitUntil(id, is: .inProgress)
            let begun = try await service.job(id)
            #expect(begun.hasTrainingStarted && !begun.hasTrainingEnded && begun.syncedModelID.isEmpty)

            await service.trainer.end(id)
            try await service.waitUntil(id, is: .completed)
            let job = try await service.job(id)
            #expect(job.id == id && job.datasetID == "dataset" && job.organizationID == "org")
            #expect(job.modelName == "model" && job.modelVersion == "v7")
            #expect(job.modelType == .singleLabelClassification && job.modelFramework == .tflite)
            #expect(job.tags == ["cat", "dog"] && !job.isCustomJob && !job.hasErrorStatus)
            #expect(job.syncedModelID == "model-of-\(id)")
            let times = [job.createdOn, job.trainingStarted, job.trainingEnded].map { time in
                time.seconds * 1000 + Int64(time.nanos) / 1_000_000
            }
            #expect(times == times.sorted() && times[0] > 1_700_000_000_000)
            #expect(job.lastModified == job.trainingEnded)
        }
    }

    @Test func customJobIsCompleted() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.client.submitCustomTrainingJob(
                .with {
                    $0.datasetID = "dataset"
                    $0.registryItemID = "viam:script"
                    $0.registryItemVersion = "3"
                    $0.organizationID = "org"
                    $0.modelName = "model"
                    $0.arguments = ["epochs": "10"]
                    $0.containerVersion = "tf:2.15"
                }
            ).id
            await service.trainer.end(id)
            try await service.waitUntil(id, is: .completed)
            let job = try await service.job(id)
            #expect(job.isCustomJob && job.registryItemID == "viam:script" && job.registryItemVersion == "3")
            #expect(job.arguments == ["epochs": "10"] && job.modelFramework == .registry)
            #expect(job.containerVersion == "tf:2.15" && job.containerID == "000000000000000000000215")
            // Not given, so it is named after the time.
            #expect(job.modelVersion.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d/) != nil)
        }
    }

    @Test func failedJobSaysWhy() async throws {
        try await LiveService.run(on: folder) { service in
            let id = try await service.submit()
            let status = GoogleRPCStatus(
                code: .resourceExhausted,
                message: "no memory",
                details: .errorInfo(reason: "OUT_OF_MEMORY", domain: "test")
            )
            await service.trainer.end(id, with: .failure(TrainingFailure(status: status)))
            try await service.waitUntil(id, is: .failed)
            let job = try await service.job(id)
            #expect(job.hasTrainingEnded && job.syncedModelID.isEmpty)
            #expect(job.errorStatus.code == 8 && job.errorStatus.message == "no memory")
            let details = try #require(job.errorStatus.details.first)
            #expect(details.typeURL == "type.googleapis.com/google.rpc.ErrorInfo")
        }
    }

    @Test func everythingThatIsMissingIsNamed() async throws {
        try await LiveService.run(on: folder) { service in
            let managed = try await failure { try await service.client.submitTrainingJob(.init()) }
            #expect(managed.code == .invalidArgument)
            #expect(managed.violatedFields == ["dataset_id", "organization_id", "model_name", "model_type"])

            let custom = try await failure { try await service.client.submitCustomTrainingJob(.init()) }
            #expect(custom.code == .invalidArgument)
            #expect(custom.violatedFields == ["dataset_id", "registry_item_id", "organization_id", "model_name"])

            let unknown = try await failure {
                try await service.client.submitTrainingJob(
                    .with {
                        $0.datasetID = "dataset"
                        $0.modelType = .UNRECOGNIZED(77)
                        $0.modelFramework = .UNRECOGNIZED(-1)
                    }
                )
            }
            #expect(unknown.violatedFields == ["organization_id", "model_name", "model_type", "model_framework"])
            #expect(try await service.client.listTrainingJobs(.with { $0.organizationID = "org" }).jobs.isEmpty)
        }
    }

    @Test func textHasNoNUL() async throws {
        try await LiveService.run(on: folder) { service in
            let error = try await failure {
                try await service.client.submitCustomTrainingJob(
                    Self.customJob {
                        $0.datasetID = "data\u{0}set"
                        $0.registryItemID = "viam:\u{0}"
                        $0.modelVersion = "\u{0}"
                        $0.registryItemVersion = "1\u{0}"
                    }
                )
            }
            #expect(error.code == .invalidArgument)
            #expect(
                error.violatedFields == ["dataset_id", "registry_item_id", "model_version", "registry_item_version"]
            )
        }
    }

    @Test(arguments: ["script", ":script", "viam:", "a:b:c", ":"])
    func registryItemsHaveANamespace(_ item: String) async throws {
        try await LiveService.run(on: folder) { service in
            let error = try await failure {
                try await service.client.submitCustomTrainingJob(Self.customJob { $0.registryItemID = item })
            }
            #expect(error.code == .invalidArgument && error.violatedFields == ["registry_item_id"])
        }
    }

    @Test func customJobsRunInAContainerTheyMayUse() async throws {
        try await LiveService.run(on: folder) { service in
            let own = try await Self.register("org", with: service)
            let foreign = try await Self.register("other", with: service)

            func container(_ change: (inout Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest) -> Void) async throws
                -> String
            {
                let id = try await service.client.submitCustomTrainingJob(Self.customJob(change)).id
                return try await service.job(id).containerID
            }
            #expect(try await container { _ in } == "000000000000000000000216")
            #expect(try await container { $0.containerID = own } == own)
            #expect(try await container { $0.containerVersion = "custom:\(own)" } == own)

            for change: @Sendable (inout Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest) -> Void in [
                { $0.containerVersion = "tf:1.0" }, { $0.containerID = foreign }, { $0.containerID = "none" },
            ] {
                let request = Self.customJob(change)
                let error = try await failure { try await service.client.submitCustomTrainingJob(request) }
                #expect(error.code == .notFound)
                let resource = try #require(error.details.first?.resourceInfo)
                #expect(resource.type == "container")
                #expect(resource.name == request.containerVersion + request.containerID)
            }
            let contradiction = try await failure {
                try await container {
                    $0.containerID = own
                    $0.containerVersion = "tf:2.15"
                }
            }
            #expect(contradiction.code == .invalidArgument)
            #expect(contradiction.violatedFields == ["container_version"])
        }
    }

    private static func customJob(
        _ change: (inout Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest) -> Void
    ) -> Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest {
        .with {
            $0.datasetID = "dataset"
            $0.registryItemID = "viam:script"
            $0.organizationID = "org"
            $0.modelName = "model"
            change(&$0)
        }
    }

    private static func register(_ organization: String, with service: LiveService) async throws -> String {
        try await service.client.registerCustomTrainingContainer(
            .with {
                $0.organizationID = organization
                $0.imageUri = "registry/image"
            }
        ).id
    }
}
