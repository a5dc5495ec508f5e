import Foundation
import GRPCCore
import GRPCProtobuf
import LocalTraining
import Logging
import Testing

@Suite struct JobRunnerTests {
    private let folder: TemporaryFolder
    private let store: TrainingStore
    private let trainer = ScriptedTrainer()
    private let runner: JobRunner

    init() throws {
        folder = try TemporaryFolder()
        store = try TrainingStore(folder: folder.path)
        runner = JobRunner(
            store: store,
            trainer: trainer,
            maxRunning: 2,
            now: { UnixTime(milliseconds: 1000) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func submit(_ ids: String...) async throws {
        for id in ids {
            try await store.insert(
                JobRecord(
                    id: id,
                    organizationID: "org",
                    datasetID: "dataset",
                    modelName: "model",
                    modelVersion: "1",
                    createdOn: UnixTime(milliseconds: 1)
                )
            )
            runner.jobWasSubmitted()
        }
    }

    private func waitUntil(_ id: String, is status: JobStatus) async throws {
        try await eventually("\(id) never was \(status)") { try await store.job(id: id)?.status == status }
    }

    /// Runs the runner for as long as the body takes.
    private func whileRunning(_ body: () async throws -> Void) async throws {
        async let run: Void = runner.run()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        runner.stop()
        await run
        try result.get()
    }

    @Test func runsAFewAtOnce() async throws {
        try await whileRunning {
            try await submit("a", "b", "c")
            try await eventually("two never ran") { await trainer.running == ["a", "b"] }
            #expect(try await store.job(id: "c")?.status == .pending)
            await trainer.end("a")
            try await waitUntil("c", is: .inProgress)
            await trainer.end("b")
            await trainer.end("c")
            for id in ["a", "b", "c"] {
                try await waitUntil(id, is: .completed)
                #expect(try await store.job(id: id)?.syncedModelID == "model-of-\(id)")
                let log = try await store.logs(jobID: id, after: nil, limit: 9)?.lines
                #expect(log?.map(\.message) == ["trained model"])
            }
            #expect(await trainer.mostAtOnce == 2)
        }
    }

    @Test func takesUpWhatIsPendingAtTheStart() async throws {
        try await submit("a")
        await trainer.end("a")
        try await whileRunning { try await waitUntil("a", is: .completed) }
    }

    @Test func keepsAFailuresStatus() async throws {
        let status = GoogleRPCStatus(
            code: .dataLoss,
            message: "gone",
            details: .errorInfo(reason: "GONE", domain: "test", metadata: ["a": "b"])
        )
        await trainer.end("a", with: .failure(TrainingFailure(status: status)))
        await trainer.end("b", with: .failure(NeverHappened()))
        try await whileRunning {
            try await submit("a", "b")
            try await waitUntil("a", is: .failed)
            try await waitUntil("b", is: .failed)
        }
        let kept = try #require(try await store.job(id: "a")?.errorStatus)
        #expect(try GoogleRPCStatus(serializedBytes: kept) == status)
        let other = try #require(try await store.job(id: "b")?.errorStatus)
        #expect(try GoogleRPCStatus(serializedBytes: other).code == .internalError)
    }

    @Test func cancelsWhatRunsAndWhatWaits() async throws {
        try await whileRunning {
            try await submit("a", "b", "c")
            try await eventually("two never ran") { await trainer.running.count == 2 }
            // The one that waits comes first, or it would take the place of the other.
            for id in ["c", "a"] {
                #expect(try await store.requestCancel(id: id, at: UnixTime(milliseconds: 2)) == .done)
                runner.jobIsCanceling(id: id)
                try await waitUntil(id, is: .canceled)
            }
            #expect(try await store.job(id: "a")?.trainingEnded != nil)
            #expect(try await store.job(id: "c")?.trainingStarted == nil)
            #expect(try await store.job(id: "c")?.trainingEnded == nil)
            #expect(await trainer.running == ["b"])
        }
    }

    @Test func cancelsNothingThatIsNotBeingCancelled() async throws {
        try await whileRunning {
            try await submit("a")
            try await waitUntil("a", is: .inProgress)
            runner.jobIsCanceling(id: "none")
            await trainer.end("a")
            try await waitUntil("a", is: .completed)
            runner.jobIsCanceling(id: "a")
        }
        #expect(try await store.job(id: "a")?.status == .completed)
    }

    @Test func leavesWhatRunsWhenItStopsForTheNextRun() async throws {
        try await whileRunning {
            try await submit("a", "b")
            try await eventually("two never ran") { await trainer.running.count == 2 }
            _ = try await store.requestCancel(id: "b", at: UnixTime(milliseconds: 2))
        }
        #expect(await trainer.running.isEmpty)
        #expect(try await store.job(id: "a")?.status == .inProgress)

        try await runner.endJobsLeftBehind()
        let left = try #require(try await store.job(id: "a"))
        #expect(left.status == .failed)
        let status = try GoogleRPCStatus(serializedBytes: try #require(left.errorStatus))
        #expect(status.code == .aborted)
        #expect(status.details.compactMap(\.errorInfo).map(\.reason) == ["SERVICE_RESTARTED"])
        #expect(try await store.job(id: "b")?.status == .canceled)
    }
}
