/// The result of a call, as gRPC numbers it (grpc/doc/statuscodes.md).
///
/// A server may send any number; those past 16 are kept as they came and treated as ``unknown`` by readers.
package struct StatusCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int

    @inlinable
    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let ok = StatusCode(rawValue: 0)
    package static let cancelled = StatusCode(rawValue: 1)
    package static let unknown = StatusCode(rawValue: 2)
    package static let invalidArgument = StatusCode(rawValue: 3)
    package static let deadlineExceeded = StatusCode(rawValue: 4)
    package static let notFound = StatusCode(rawValue: 5)
    package static let alreadyExists = StatusCode(rawValue: 6)
    package static let permissionDenied = StatusCode(rawValue: 7)
    package static let resourceExhausted = StatusCode(rawValue: 8)
    package static let failedPrecondition = StatusCode(rawValue: 9)
    package static let aborted = StatusCode(rawValue: 10)
    package static let outOfRange = StatusCode(rawValue: 11)
    package static let unimplemented = StatusCode(rawValue: 12)
    package static let internalError = StatusCode(rawValue: 13)
    package static let unavailable = StatusCode(rawValue: 14)
    package static let dataLoss = StatusCode(rawValue: 15)
    package static let unauthenticated = StatusCode(rawValue: 16)
}

extension StatusCode: CustomStringConvertible {
    /// The name in `google.rpc.Code`, `UNKNOWN` for a number that has none.
    package var description: String {
        StatusCode.names.indices.contains(rawValue) ? StatusCode.names[rawValue] : "UNKNOWN"
    }

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
        "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]
}
