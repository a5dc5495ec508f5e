import GRPCCore
import GRPCProtobuf

/// The errors of the service, with the details that the real one sends.
enum ServiceErrors {
    static func noSuchJob(_ id: String) -> GoogleRPCStatus {
        notFound(type: "training job", name: id)
    }

    static func noSuchContainer(_ name: String) -> GoogleRPCStatus {
        notFound(type: "container", name: name)
    }

    /// INVALID_ARGUMENT that lists everything that is wrong with a request.
    static func invalid(_ violations: [ErrorDetails.BadRequest.FieldViolation]) -> GoogleRPCStatus {
        let list = violations.map { "\($0.field) \($0.violationDescription)" }.joined(separator: ", ")
        return GoogleRPCStatus(
            code: .invalidArgument,
            message: "invalid request: \(list)",
            details: .badRequest(violations: violations)
        )
    }

    /// FAILED_PRECONDITION: the job is not in a status that allows what was asked for.
    static func wrongStatus(_ status: JobStatus, job id: String, action: String) -> GoogleRPCStatus {
        failedPrecondition(
            type: "STATUS",
            subject: "training job \(id)",
            description: "a job that is \(status.name) cannot be \(action)"
        )
    }

    static func defaultContainer(_ id: String) -> GoogleRPCStatus {
        failedPrecondition(
            type: "OWNER",
            subject: "container \(id)",
            description: "a default container belongs to no organization and cannot be deleted"
        )
    }

    private static func notFound(type: String, name: String) -> GoogleRPCStatus {
        GoogleRPCStatus(
            code: .notFound,
            message: "no \(type) \(name)",
            details: .resourceInfo(type: type, name: name, errorDescription: "there is none of this name")
        )
    }

    private static func failedPrecondition(type: String, subject: String, description: String) -> GoogleRPCStatus {
        GoogleRPCStatus(
            code: .failedPrecondition,
            message: description,
            details: .preconditionFailure(
                violations: [.init(type: type, subject: subject, description: description)]
            )
        )
    }
}
