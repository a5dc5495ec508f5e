import Yams

/// Writes a ``JSONValue`` as YAML that people like to read: long texts as blocks, nothing sorted.
enum YAMLWriter {
    static func text(of value: JSONValue) throws -> String {
        // Never folded: a folded line is not what a reader looks for.
        try Yams.serialize(node: node(value), width: -1, allowUnicode: true)
    }

    private static func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: plain("null", .null)
        case .bool(let value): plain(value ? "true" : "false", .bool)
        case .integer(let value): plain(String(value), .int)
        case .number: plain(JSONWriter.text(of: value, isIndented: false), .float)
        case .string(let text): string(text)
        case .array(let elements): .sequence(Node.Sequence(elements.map(node)))
        case .object(let object):
            .mapping(Node.Mapping(object.members.map { (string($0.key), node($0.value)) }))
        }
    }

    private static func plain(_ text: String, _ tag: Tag.Name) -> Node { .scalar(Node.Scalar(text, Tag(tag))) }

    private static func string(_ text: String) -> Node {
        let scalars = text.unicodeScalars
        // Read as a mark of the encoding where it is not escaped.
        if scalars.contains("\u{FEFF}") { return .scalar(Node.Scalar(text, Tag(.str), .doubleQuoted)) }
        if text.contains("\n") { return .scalar(Node.Scalar(text, Tag(.str), .literal)) }
        if scalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
            return .scalar(Node.Scalar(text, Tag(.str), .doubleQuoted))
        }
        // What would be read as a number, a date or a truth value is quoted.
        let scalar = Node.scalar(Node.Scalar(text))
        if scalar.tag == Tag(.str) { return scalar }
        return .scalar(Node.Scalar(text, Tag(.str), .singleQuoted))
    }
}
