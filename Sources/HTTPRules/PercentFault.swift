/// What is wrong with a percent-encoded text, and at which byte.
package enum PercentFault: Error, Hashable, Sendable {
    /// A `%` without two hexadecimal digits after it, `offset` bytes from the start.
    case malformedEscape(offset: Int)
    /// A `%00`, `offset` bytes from the start.
    case encodedNUL(offset: Int)
}

extension PercentFault: CustomStringConvertible {
    /// The fault in words for the client.
    package var description: String {
        switch self {
        case .malformedEscape(let offset): "\"%\" at byte \(offset) is not followed by two hexadecimal digits"
        case .encodedNUL(let offset): "\"%00\" at byte \(offset) is not allowed"
        }
    }
}
