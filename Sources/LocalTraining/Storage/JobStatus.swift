import GRDB

/// How far a training job is.
///
/// The raw values are those of `TrainingStatus` on the wire.
package enum JobStatus: Int, Codable, Sendable, CaseIterable, DatabaseValueConvertible {
    case pending = 1
    case inProgress = 2
    case completed = 3
    case failed = 4
    case canceled = 5
    case canceling = 6

    /// Whether the job will never change again.
    package var hasEnded: Bool {
        switch self {
        case .completed, .failed, .canceled: true
        case .pending, .inProgress, .canceling: false
        }
    }

    /// The name that the wire format gives it, as in error messages.
    package var name: String {
        switch self {
        case .pending: "PENDING"
        case .inProgress: "IN_PROGRESS"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        case .canceled: "CANCELED"
        case .canceling: "CANCELING"
        }
    }
}
