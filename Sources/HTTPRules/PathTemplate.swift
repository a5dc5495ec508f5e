/// The path pattern of an HTTP rule, parsed: what its segments match and which of them are variables.
///
/// Made by ``PathTemplateParser`` alone, so every value obeys the grammar there.
package struct PathTemplate: Hashable, Sendable {
    /// What one segment of the pattern matches.
    package enum Segment: Hashable, Sendable {
        /// Exactly these bytes, percent-decoded already.
        case literal([UInt8])
        /// `*`: one segment that is not empty.
        case wildcard
        /// `**`: zero or more segments, at most once in a template and followed by literals only.
        case rest
    }

    /// One name of a dotted field path and where it stands.
    package struct FieldName: Hashable, Sendable {
        package let name: String
        /// Bytes from the template's start.
        package let offset: Int
    }

    /// `{field.path=segments}`.
    package struct Variable: Hashable, Sendable {
        /// At least one name.
        package let fieldPath: [FieldName]
        /// The segments it captures, never an empty range.
        package let segments: Range<Int>
        /// Whether it can capture a `/` of the path, so that `%2F` stays encoded in what it captures.
        package let isMultiSegment: Bool

        /// The dotted path, `a.b`.
        package var path: String { fieldPath.map(\.name).joined(separator: ".") }
    }

    /// Variables that one template may have; captures live in that much inline room.
    package static let maximumVariables = 16

    /// The template as it was written.
    package let text: String
    /// At least one; those of variables are in place.
    package let segments: [Segment]
    /// What follows the last `:`, without it.
    package let verb: String?
    /// In the order of their segments.
    package let variables: [Variable]

    /// Parses `text`, see ``PathTemplateParser`` for its grammar.
    package init(_ text: String) throws(PathTemplateError) {
        var parser = PathTemplateParser(text)
        self = try parser.parse()
    }

    init(text: String, segments: [Segment], verb: String?, variables: [Variable]) {
        self.text = text
        self.segments = segments
        self.verb = verb
        self.variables = variables
    }

    /// What two templates have in common that match the same paths, whatever their variables are called.
    package var shape: Shape { Shape(segments: segments, verb: verb) }

    /// The matching part of a template.
    package struct Shape: Hashable, Sendable {
        package let segments: [Segment]
        package let verb: String?
    }
}

extension PathTemplate: CustomStringConvertible {
    package var description: String { text }
}
