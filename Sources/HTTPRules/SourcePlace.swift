/// A place in a file that declares HTTP rules.
package struct SourcePlace: Hashable, Sendable {
    /// Path of the file.
    package let file: String
    /// From 1; nil where only the file is known, as in descriptor sets without source information.
    package let line: Int?
    /// From 1, in Unicode scalars; nil where only the line is known.
    package let column: Int?

    package init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourcePlace: CustomStringConvertible {
    /// `file:line:column`, as far as it is known.
    package var description: String {
        var words = [file]
        if let line { words.append("\(line)") }
        if let column { words.append("\(column)") }
        return words.joined(separator: ":")
    }
}
