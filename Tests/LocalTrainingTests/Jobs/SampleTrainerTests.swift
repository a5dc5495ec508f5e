import GRPCProtobuf
import LocalTraining
import Logging
import Testing

@Suite struct SampleTrainerTests {
    /// Has a sample trainer train one job, cancelled when it is seen to run if the test wants it, and answers
    /// what is stored in the end.
    private func train(
        arguments: [String: String] = [:],
        lasting duration: Duration,
        cancelled: Bool = false
    ) async throws -> (job: JobRecord, log: [LogRecord]) {
        let folder = try TemporaryFolder()
        let store = try TrainingStore(folder: folder.path)
        let runner = JobRunner(
            store: store,
            trainer: SampleTrainer(duration: duration),
            maxRunning: 1,
            now: UnixTime.systemNow,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var job = JobRecord(
            id: "a",
            organizationID: "org",
            datasetID: "dataset",
            modelName: "model",
            modelVersion: "1",
            createdOn: UnixTime.systemNow()
        )
        job.arguments = arguments
        try await store.insert(job)
        async let run: Void = runner.run()
        if cancelled {
            try await eventually("it never ran") {
                try await store.logs(jobID: "a", after: nil, limit: 1)?.lines.isEmpty == false
            }
            _ = try await store.requestCancel(id: "a", at: UnixTime.systemNow())
            runner.jobIsCanceling(id: "a")
        }
        try await eventually("it never ended") { try await store.job(id: "a")?.status.hasEnded == true }
        runner.stop()
        await run
        let ended = try #require(try await store.job(id: "a"))
        return (ended, try #require(try await store.logs(jobID: "a", after: nil, limit: 1000)).lines)
    }

    @Test func takesItsTimeAndWritesALog() async throws {
        let (job, log) = try await train(lasting: .milliseconds(200))
        #expect(job.status == .completed && job.syncedModelID == "org:model")
        let started = try #require(job.trainingStarted).milliseconds
        #expect(try #require(job.trainingEnded).milliseconds - started >= 200)
        #expect(log.count > 100)
        #expect(log.allSatisfy { $0.level == .info })
        // The losses fall from one epoch to the next.
        let losses = log.compactMap { line in line.message.split(separator: "loss ").dropFirst().last.map(String.init) }
        #expect(losses.count == 40)
        #expect(losses == losses.sorted(by: >))
    }

    @Test func failsOnDemand() async throws {
        let (job, log) = try await train(
            arguments: [SampleTrainer.failureArgument: "out of cheese"],
            lasting: .zero
        )
        #expect(job.status == .failed && job.syncedModelID.isEmpty)
        let status = try GoogleRPCStatus(serializedBytes: try #require(job.errorStatus))
        #expect(status.message == "the training script failed: out of cheese")
        #expect(status.details.compactMap(\.errorInfo).map(\.reason) == ["SIMULATED_FAILURE"])
        #expect(log.last?.level == .error && log.last?.message == "training failed: out of cheese")
    }

    @Test func stopsWhenTold() async throws {
        let (job, log) = try await train(lasting: .seconds(2000), cancelled: true)
        #expect(job.status == .canceled && job.syncedModelID.isEmpty)
        #expect(log.count == 1)
    }
}
