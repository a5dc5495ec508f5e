package import GRPCCore
package import MLTrainingMessages
import SwiftProtobuf

extension TrainingService {
    package func getTrainingJob(
        request: Viam_App_Mltraining_V1_GetTrainingJobRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_GetTrainingJobResponse {
        try requireID(request.id)
        guard let job = try await store.job(id: request.id) else {
            throw ServiceErrors.noSuchJob(request.id)
        }
        return try .with { $0.metadata = try job.wireMessage() }
    }

    /// Answers the newest job first.
    package func listTrainingJobs(
        request: Viam_App_Mltraining_V1_ListTrainingJobsRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_ListTrainingJobsResponse {
        var check = RequestCheck()
        check.require("organization_id", request.organizationID)
        check.allow("status", request.status)
        try check.finish()
        let jobs = try await store.jobs(
            organizationID: request.organizationID,
            status: JobStatus(rawValue: request.status.rawValue)
        )
        return try .with { $0.jobs = try jobs.map { try $0.wireMessage() } }
    }

    package func cancelTrainingJob(
        request: Viam_App_Mltraining_V1_CancelTrainingJobRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_CancelTrainingJobResponse {
        try requireID(request.id)
        // Even when the change throws: a cancelled call may have made it nevertheless.
        defer { runner.jobIsCanceling(id: request.id) }
        let change = try await store.requestCancel(id: request.id, at: now())
        try throwUnlessDone(change, id: request.id, action: "cancelled")
        return .init()
    }

    package func deleteCompletedTrainingJob(
        request: Viam_App_Mltraining_V1_DeleteCompletedTrainingJobRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_DeleteCompletedTrainingJobResponse {
        try requireID(request.id)
        let change = try await store.deleteEndedJob(id: request.id)
        try throwUnlessDone(change, id: request.id, action: "deleted")
        return .init()
    }

    package func getTrainingJobLogs(
        request: Viam_App_Mltraining_V1_GetTrainingJobLogsRequest,
        context: ServerContext
    ) async throws -> Viam_App_Mltraining_V1_GetTrainingJobLogsResponse {
        var check = RequestCheck()
        check.require("id", request.id)
        var token: PageToken?
        if !request.pageToken.isEmpty {
            token = PageToken(request.pageToken, jobID: request.id)
            if token == nil {
                check.violate("page_token", "is not a token of this job's log", reason: "MALFORMED")
            }
        }
        try check.finish()

        let page = try await store.logs(jobID: request.id, after: token?.lastSequence, limit: logPageSize)
        guard let page else {
            throw ServiceErrors.noSuchJob(request.id)
        }
        return .with {
            $0.logs = page.lines.map { $0.wireMessage() }
            if page.hasMore, let last = page.lines.last?.sequence {
                $0.nextPageToken = PageToken(lastSequence: last).text(jobID: request.id)
            }
        }
    }

    private func requireID(_ id: String) throws {
        var check = RequestCheck()
        check.require("id", id)
        try check.finish()
    }

    private func throwUnlessDone(_ change: JobChange, id: String, action: String) throws {
        switch change {
        case .done:
            return
        case .noSuchJob:
            throw ServiceErrors.noSuchJob(id)
        case .refused(let status):
            throw ServiceErrors.wrongStatus(status, job: id, action: action)
        }
    }
}
