internal import HTTPRules
internal import ProtobufSchema

/// Where a new resource is: a path with fields of the response in it.
struct LocationTemplate: Hashable, Sendable {
    /// Most bytes of a path; a resource with a longer one has no `Location`.
    static let maximumCount = 512

    private enum Part: Hashable, Sendable {
        /// Percent-encoded.
        case text(String)
        case field(LocationField, isMultiSegment: Bool)
    }

    private let parts: [Part]

    /// Checks `template` against the message that a method answers.
    init(_ template: String, in message: MessageIndex, _ schema: Schema) throws(GatewayError) {
        let path: PathTemplate
        do {
            path = try PathTemplate(template)
        } catch {
            throw GatewayError("\(error)")
        }
        var parts: [Part] = []
        var index = 0
        while index < path.segments.count {
            parts.append(.text("/"))
            if let variable = path.variables.first(where: { $0.segments.lowerBound == index }) {
                let field = try LocationField(variable.fieldPath.map(\.name), in: message, schema)
                parts.append(.field(field, isMultiSegment: variable.isMultiSegment))
                index = variable.segments.upperBound
                continue
            }
            guard case .literal(let bytes) = path.segments[index] else {
                throw GatewayError("\"\(template)\" has a wildcard that is not a field's")
            }
            parts.append(.text(PathEncoding.encode(bytes, keepsSlashes: false)))
            index += 1
        }
        if let verb = path.verb { parts.append(.text(":\(PathEncoding.encode(verb.utf8, keepsSlashes: false))")) }
        self.parts = parts
    }

    /// The path of what `response`, a serialized message, tells of; nil where a field is not there or is no path segment.
    func path(of response: UnsafeRawBufferPointer) -> String? {
        var path = ""
        for part in parts {
            switch part {
            case .text(let text):
                path += text
            case .field(let field, let isMultiSegment):
                guard let value = field.value(in: response), !value.isEmpty else { return nil }
                // Clients take "." and ".." out of a path, percent-encoded or not (RFC 3986, section 5.2.4).
                let segments = isMultiSegment ? value.split(separator: "/") : [value[...]]
                guard !segments.contains(where: { $0 == "." || $0 == ".." }) else { return nil }
                path += PathEncoding.encode(value.utf8, keepsSlashes: isMultiSegment)
            }
            guard path.utf8.count <= LocationTemplate.maximumCount else { return nil }
        }
        return path
    }
}
