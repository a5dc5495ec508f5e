import GatewayTesting
import Testing

/// A gateway in front of a local training service, both the built executables.
final class LocalStack: Sendable {
    let folder: TemporaryFolder
    let local: LocalProcess
    let gateway: GatewayProcess

    init(workers: Int = 1, trainingDuration: Double = 0.3) throws {
        folder = try TemporaryFolder()
        local = try LocalProcess(dataFolder: folder, trainingDuration: trainingDuration)
        gateway = try GatewayProcess(upstream: "http://\(local.address)", workers: workers)
    }

    /// Submits a managed training job of `organization` and returns its id.
    func submitJob(organization: String = "org-1", model: String = "model") throws -> String {
        try gateway.submitJob(organization: organization, model: model)
    }

    func stop() throws {
        try gateway.stop()
        try local.stop()
    }
}

extension GatewayProcess {
    /// Submits a managed training job of `organization` and returns its id.
    func submitJob(organization: String = "org-1", model: String = "model") throws -> String {
        let answer = try post("/v1/jobs", json: Requests.submit(organization: organization, model: model))
        return try #require(answer.json["id"].text, "\(answer)")
    }

    /// The first answer to `request` that is not 503: each worker connects anew to an upstream that had been away.
    func onceConnected(_ request: () throws -> Answer) async throws -> Answer {
        var answer = try request()
        try await eventually("the gateway is connected again", every: .milliseconds(20)) {
            if answer.status == 503 { answer = try request() }
            return answer.status != 503
        }
        return answer
    }

    /// Waits until the job has `status` and returns it as it is then.
    func waitForJob(_ id: String, status: String) async throws -> JSON {
        var job = JSON.null
        try await eventually("job \(id) is \(status)", within: .seconds(10), every: .milliseconds(20)) {
            job = try get("/v1/jobs/\(id)").json
            return job["status"] == .string("TRAINING_STATUS_\(status)")
        }
        return job
    }
}
