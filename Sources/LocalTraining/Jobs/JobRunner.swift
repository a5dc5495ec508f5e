import Foundation
import GRPCCore
import GRPCProtobuf
package import Logging

/// Begins pending jobs, a few at a time, and ends them.
///
/// One task, in ``run()``, takes events in order and is the only one that begins jobs; each job's training is
/// a task that it supervises. What a job is, is decided by the database alone, so a signal that is lost delays
/// a job but never spoils it.
package actor JobRunner {
    private enum Event {
        /// There may be a job to begin.
        case work
        /// This job is now `canceling`.
        case cancel(String)
    }

    private let store: TrainingStore
    private let trainer: any Trainer
    private let maxRunning: Int
    private let now: @Sendable () -> UnixTime
    private let logger: Logger
    private let events: AsyncStream<Event>
    private let signal: AsyncStream<Event>.Continuation
    private var trainings: [String: Task<String, any Error>] = [:]

    package init(
        store: TrainingStore,
        trainer: any Trainer,
        maxRunning: Int,
        now: @escaping @Sendable () -> UnixTime,
        logger: Logger
    ) {
        self.store = store
        self.trainer = trainer
        self.maxRunning = maxRunning
        self.now = now
        self.logger = logger
        (events, signal) = AsyncStream.makeStream()
    }

    /// Says that a job was submitted.
    package nonisolated func jobWasSubmitted() {
        signal.yield(.work)
    }

    /// Says that a job was marked as to be cancelled.
    package nonisolated func jobIsCanceling(id: String) {
        signal.yield(.cancel(id))
    }

    /// Makes ``run()`` stop its trainings and return.
    package nonisolated func stop() {
        signal.finish()
    }

    /// Runs jobs until ``stop()`` is called.
    ///
    /// To be called once. Jobs that are under way when it stops are left as they are, for ``endJobsLeftBehind()`` of the next
    /// process to find.
    package func run() async {
        signal.yield(.work)
        await withDiscardingTaskGroup { group in
            for await event in events {
                if case .cancel(let id) = event {
                    await cancel(id: id)
                }
                await beginJobs(in: &group)
            }
            for training in trainings.values {
                training.cancel()
            }
        }
    }

    /// Ends the jobs that a former process left behind.
    ///
    /// To be called before ``run()``, and before clients can
    /// see such a job.
    package func endJobsLeftBehind() async throws {
        let message = "the training service stopped while the job was running"
        let status = GoogleRPCStatus(
            code: .aborted,
            message: message,
            details: .errorInfo(reason: "SERVICE_RESTARTED", domain: SampleTrainer.errorDomain)
        )
        try await store.endJobsLeftBehind(at: now(), status: status.serializedBytes(), message: message)
    }

    private func cancel(id: String) async {
        if let training = trainings[id] {
            training.cancel()
        } else {
            // Never begun, or ended since: then the database says so.
            await end(id: id, as: .stopped)
        }
    }

    private func beginJobs(in group: inout DiscardingTaskGroup) async {
        while trainings.count < maxRunning {
            let next: JobRecord?
            do {
                next = try await store.beginNextJob(at: now())
            } catch {
                logger.error("cannot begin a job", metadata: ["error": "\(error)"])
                return
            }
            guard let job = next else {
                return
            }
            let log = TrainingLog(jobID: job.id, store: store, now: now)
            let training = Task { [trainer] in
                try await trainer.train(job, log: log)
            }
            trainings[job.id] = training
            logger.info("job began", metadata: ["job": "\(job.id)"])
            group.addTask {
                await self.supervise(training, of: job)
            }
        }
    }

    /// Waits for a training and notes what came of it.
    ///
    /// It is not itself cancelled, or it could not note anything.
    private func supervise(_ training: Task<String, any Error>, of job: JobRecord) async {
        let outcome: JobOutcome
        do {
            outcome = .completed(modelID: try await training.value)
        } catch is CancellationError {
            outcome = .stopped
        } catch {
            outcome = .failed(status: Self.serializedStatus(of: error))
        }
        await end(id: job.id, as: outcome)
        trainings[job.id] = nil
        signal.yield(.work)
    }

    private func end(id: String, as outcome: JobOutcome) async {
        do {
            if let status = try await store.endJob(id: id, as: outcome, at: now()) {
                logger.info("job ended", metadata: ["job": "\(id)", "status": "\(status.name)"])
            }
        } catch {
            logger.error("cannot end a job", metadata: ["job": "\(id)", "error": "\(error)"])
        }
    }

    private static func serializedStatus(of error: any Error) -> Data {
        let status = (error as? TrainingFailure)?.status
        let internalError = GoogleRPCStatus(code: .internalError, message: "training failed: \(error)", details: [])
        // Serialization fails for no status that is made here; an empty one would still read as a failure.
        return (try? (status ?? internalError).serializedBytes()) ?? Data()
    }
}
