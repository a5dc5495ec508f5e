/// What is wrong with a text, or why none could be written.
package struct YAMLError: Error, Hashable, Sendable {
    /// A sentence for people, without the place.
    package let message: String
    /// Nil where no place is known.
    package let mark: Mark?

    init(_ message: String, at mark: Mark? = nil) {
        self.message = message
        self.mark = mark
    }
}

extension YAMLError: CustomStringConvertible {
    package var description: String {
        mark.map { "\($0.line):\($0.column): \(message)" } ?? message
    }
}
