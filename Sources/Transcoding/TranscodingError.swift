import ProtobufSchema

/// Why bytes could not be transcoded, in words for whoever sent them.
package struct TranscodingError: Error, Hashable, Sendable {
    /// One thing that is wrong, as `google.rpc.BadRequest.FieldViolation` has it.
    package struct FieldViolation: Hashable, Sendable {
        /// Path of the field as the sender wrote it: `tags[2]`, `arguments["x"]`; empty for the body as a whole.
        package var field: String
        package var description: String

        package init(field: String, description: String) {
            self.field = field
            self.description = description
        }
    }

    /// A place in a JSON text, both from 1; columns are counted in bytes.
    package struct Place: Hashable, Sendable {
        package let line: Int
        package let column: Int
    }

    /// One sentence about the whole.
    package let message: String
    package let violations: [FieldViolation]
    /// Where a body stops being JSON.
    package let place: Place?

    package init(_ message: String, violations: [FieldViolation] = [], place: Place? = nil) {
        self.message = message
        self.violations = violations
        self.place = place
    }

    /// An error about one field.
    package init(field: String, _ description: String) {
        self.init(
            field.isEmpty ? description : "\(field): \(description)",
            violations: [FieldViolation(field: field, description: description)]
        )
    }

    /// Whether nothing is wrong but the size of what would come out.
    package private(set) var isOutputTooLarge = false

    static func outputTooLarge(limit: Int) -> TranscodingError {
        var error = TranscodingError("the JSON of the answer is larger than \(limit) bytes")
        error.isOutputTooLarge = true
        return error
    }

    /// An error about wire-format input; `path` leads to the field that is at fault, empty for the message as a whole.
    init(malformed type: String, at path: String, because error: WireError) {
        self.init(path.isEmpty ? "not a valid \(type): \(error)" : "not a valid \(type): \(path): \(error)")
    }
}

extension TranscodingError: CustomStringConvertible {
    package var description: String { message }
}
