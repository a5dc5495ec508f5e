package import Foundation
import GRDB

/// What came of an attempt to change a job.
package enum JobChange: Equatable, Sendable {
    case done
    case noSuchJob
    /// The job's status does not allow it.
    case refused(JobStatus)
}

extension TrainingStore {
    package func insert(_ job: JobRecord) async throws {
        try await database.write { db in
            var job = job
            try job.insert(db)
        }
    }

    package func job(id: String) async throws -> JobRecord? {
        try await database.read { db in
            try JobRecord.filter(JobRecord.Columns.id == id).fetchOne(db)
        }
    }

    /// The jobs of an organization that have a status, or all of them if it is nil; the newest first.
    package func jobs(organizationID: String, status: JobStatus?) async throws -> [JobRecord] {
        try await database.read { db in
            var request = JobRecord.filter(JobRecord.Columns.organizationID == organizationID)
            if let status {
                request = request.filter(JobRecord.Columns.status == status)
            }
            return try request.order(JobRecord.Columns.sequence.desc).fetchAll(db)
        }
    }

    /// Begins the pending job that has waited longest.
    ///
    /// - Returns: The job, now in progress, or nil if none is pending.
    package func beginNextJob(at now: UnixTime) async throws -> JobRecord? {
        try await database.write { db in
            let next =
                try JobRecord
                .filter(JobRecord.Columns.status == JobStatus.pending)
                .order(JobRecord.Columns.sequence)
                .fetchOne(db)
            guard var job = next else {
                return nil
            }
            job.status = .inProgress
            job.trainingStarted = now
            job.lastModified = now
            try job.update(db)
            return job
        }
    }

    /// Marks a job as to be cancelled; whoever trains it does the rest.
    ///
    /// A job that is already being cancelled stays as it is, and that is `done` too.
    package func requestCancel(id: String, at now: UnixTime) async throws -> JobChange {
        try await database.write { db in
            guard var job = try JobRecord.filter(JobRecord.Columns.id == id).fetchOne(db) else {
                return .noSuchJob
            }
            switch job.status {
            case .canceling:
                return .done
            case .pending, .inProgress:
                job.status = .canceling
                job.lastModified = now
                try job.update(db)
                return .done
            case .completed, .failed, .canceled:
                return .refused(job.status)
            }
        }
    }

    /// Ends a job that was in progress or being cancelled.
    ///
    /// A job that is being cancelled becomes `canceled`, whatever its training came to in the meantime.
    /// One that has ended, or that is gone, stays as it is, and so does one in progress that was stopped.
    ///
    /// - Returns: The status that the job has now; nil if nothing was changed.
    @discardableResult
    package func endJob(id: String, as outcome: JobOutcome, at now: UnixTime) async throws -> JobStatus? {
        try await database.write { db in
            guard var job = try JobRecord.filter(JobRecord.Columns.id == id).fetchOne(db) else {
                return nil
            }
            switch (job.status, outcome) {
            case (.canceling, _):
                job.status = .canceled
            case (.inProgress, .completed(let modelID)):
                job.status = .completed
                job.syncedModelID = modelID
            case (.inProgress, .failed(let status)):
                job.status = .failed
                job.errorStatus = status
            case (.inProgress, .stopped), (.pending, _), (.completed, _), (.failed, _), (.canceled, _):
                return nil
            }
            if job.trainingStarted != nil {
                job.trainingEnded = now
            }
            job.lastModified = now
            try job.update(db)
            return job.status
        }
    }

    /// Ends the jobs that a service left behind when it stopped.
    ///
    /// Those in progress fail with the given status, and those being cancelled are now cancelled.
    /// Pending ones stay as they are: they have lost nothing.
    ///
    /// - Parameters:
    ///   - now: The time that is noted on them.
    ///   - status: A serialized `google.rpc.Status`.
    ///   - message: What their logs say about it.
    /// - Throws: `DatabaseError`.
    package func endJobsLeftBehind(at now: UnixTime, status: Data, message: String) async throws {
        try await database.write { db in
            let left = [JobStatus.inProgress, .canceling]
            for var job in try JobRecord.filter(left.contains(JobRecord.Columns.status)).fetchAll(db) {
                if job.status == .canceling {
                    job.status = .canceled
                } else {
                    job.status = .failed
                    job.errorStatus = status
                    var line = LogRecord(jobID: job.id, time: now, level: .error, message: message)
                    try line.insert(db)
                }
                if job.trainingStarted != nil {
                    job.trainingEnded = now
                }
                job.lastModified = now
                try job.update(db)
            }
        }
    }

    /// Deletes a job that has ended, and its log with it.
    package func deleteEndedJob(id: String) async throws -> JobChange {
        try await database.write { db in
            guard let job = try JobRecord.filter(JobRecord.Columns.id == id).fetchOne(db) else {
                return .noSuchJob
            }
            guard job.status.hasEnded else {
                return .refused(job.status)
            }
            try job.delete(db)
            return .done
        }
    }
}

/// What a job's training came to.
package enum JobOutcome: Sendable {
    /// There is a model, of this id.
    case completed(modelID: String)
    /// There is none; a serialized `google.rpc.Status` says why.
    case failed(status: Data)
    /// It was told to stop.
    case stopped
}
