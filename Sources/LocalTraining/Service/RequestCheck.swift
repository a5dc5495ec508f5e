import GRPCProtobuf
import SwiftProtobuf

/// Collects what is wrong with a request, so that a client learns all of it at once.
struct RequestCheck {
    private var violations: [ErrorDetails.BadRequest.FieldViolation] = []

    /// Requires a string that is not empty.
    mutating func require(_ field: String, _ value: String) {
        if value.isEmpty {
            violate(field, "is required", reason: "REQUIRED")
        } else {
            allow(field, value)
        }
    }

    /// Longest text that is taken, in bytes: errors repeat it in header fields, which have a limit of their own.
    private static let maximumLength = 1024

    /// Requires a string of reasonable length that SQLite gives back as it was: text ends at its first NUL.
    mutating func allow(_ field: String, _ value: String) {
        if value.utf8.count > RequestCheck.maximumLength {
            violate(field, "is longer than \(RequestCheck.maximumLength) bytes", reason: "TOO_LONG")
        }
        if value.utf8.contains(0) {
            violate(field, "contains a NUL", reason: "MALFORMED")
        }
    }

    /// Requires an enum value that is known and not the unspecified one.
    mutating func require<Value: SwiftProtobuf.Enum>(_ field: String, _ value: Value) where Value: CaseIterable {
        if value.rawValue == 0 {
            violate(field, "is required", reason: "REQUIRED")
        } else {
            allow(field, value)
        }
    }

    /// Requires an enum value that is known; the unspecified one will do.
    mutating func allow<Value: SwiftProtobuf.Enum>(_ field: String, _ value: Value) where Value: CaseIterable {
        if !Value.allCases.contains(where: { $0.rawValue == value.rawValue }) {
            violate(field, "has no value \(value.rawValue)", reason: "UNKNOWN_VALUE")
        }
    }

    /// Requires a registry item: `namespace:name`.
    mutating func requireRegistryItem(_ field: String, _ value: String) {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        if value.isEmpty {
            violate(field, "is required", reason: "REQUIRED")
        } else if parts.count != 2 || parts.contains("") {
            violate(field, "is not of the form namespace:name", reason: "MALFORMED")
        } else {
            allow(field, value)
        }
    }

    mutating func violate(_ field: String, _ description: String, reason: String) {
        violations.append(.init(field: field, description: description, reason: reason, localizedMessage: nil))
    }

    /// Throws INVALID_ARGUMENT if anything is wrong.
    func finish() throws(GoogleRPCStatus) {
        if !violations.isEmpty {
            throw ServiceErrors.invalid(violations)
        }
    }
}
