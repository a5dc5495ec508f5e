package import GRPCProtobuf

/// What a job runs.
package protocol Trainer: Sendable {
    /// Trains a job's model.
    ///
    /// Told to stop by cancellation of its task, it throws `CancellationError` as soon as it can.
    ///
    /// - Parameters:
    ///   - job: The job as it was begun.
    ///   - log: The job's log.
    /// - Throws: ``TrainingFailure``, or any other error, where no model came out.
    /// - Returns: The id that the model has in the registry.
    func train(_ job: JobRecord, log: TrainingLog) async throws -> String
}

/// Why a training came to nothing, as the job's `error_status` says it.
package struct TrainingFailure: Error {
    package var status: GoogleRPCStatus

    package init(status: GoogleRPCStatus) {
        self.status = status
    }
}
