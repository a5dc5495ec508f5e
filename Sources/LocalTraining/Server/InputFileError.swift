/// What is wrong with a file that the service was told to use; never quotes what the file holds.
package struct InputFileError: Error, Equatable, CustomStringConvertible {
    package var file: String
    /// Counted from 1; nil where it is the file as a whole.
    package var line: Int?
    package var reason: String

    package init(file: String, line: Int? = nil, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    package var description: String {
        line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)"
    }
}
