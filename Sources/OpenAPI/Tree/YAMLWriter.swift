import Yams

/// Writes a ``JSONValue`` as YAML that people like to read: long texts as blocks, nothing sorted.
///
/// Piece by piece, since what Yams makes of a tree takes many times its size.
struct YAMLWriter {
    /// Objects above this level are written member by member: of a document, each path and each schema is a piece.
    private static let pieceDepth = 3

    private var text = ""
    /// Whether a text that could be something else is one, as Yams sees it, which takes it a while.
    private var isText: [String: Bool] = [:]

    static func text(of value: JSONValue) throws -> String {
        var writer = YAMLWriter()
        try writer.append(value, depth: 0)
        return writer.text
    }

    private mutating func append(_ value: JSONValue, depth: Int) throws {
        guard depth < YAMLWriter.pieceDepth, let object = value.object, !object.isEmpty else {
            return append(try serialized(node(value)), depth: depth)
        }
        for (key, member) in object.members {
            guard depth + 1 < YAMLWriter.pieceDepth, let inner = member.object, !inner.isEmpty else {
                append(try serialized(.mapping(Node.Mapping([(string(key), node(member))]))), depth: depth)
                continue
            }
            // As Yams writes a key, with what stands for an empty object cut off.
            let line = try serialized(.mapping(Node.Mapping([(string(key), .mapping(Node.Mapping([])))])))
            append(String(line.dropLast(" {}\n".count)) + "\n", depth: depth)
            try append(member, depth: depth + 1)
        }
    }

    /// Appends lines, each further in by two spaces for each level.
    private mutating func append(_ lines: String, depth: Int) {
        if depth == 0 {
            text += lines
            return
        }
        let margin = String(repeating: "  ", count: depth)
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if !line.isEmpty { text += margin + line }
            text += "\n"
        }
    }

    /// Never folded: a folded line is not what a reader looks for.
    private func serialized(_ node: Node) throws -> String {
        let text = try Yams.serialize(node: node, width: -1, allowUnicode: true)
        // Behind a text that ends in empty lines the document is ended, which here goes on.
        return text.hasSuffix("\n...\n") ? String(text.dropLast("...\n".count)) : text
    }

    private mutating func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: plain("null", .null)
        case .bool(let value): plain(value ? "true" : "false", .bool)
        case .integer(let value): plain(String(value), .int)
        case .number: plain(YAMLWriter.number(value), .float)
        case .string(let text): string(text)
        case .array(let elements): .sequence(Node.Sequence(elements.map { node($0) }))
        case .object(let object):
            .mapping(Node.Mapping(object.members.map { (string($0.key), node($0.value)) }))
        }
    }

    private func plain(_ text: String, _ tag: Tag.Name) -> Node { .scalar(Node.Scalar(text, Tag(tag))) }

    /// Readers of YAML 1.1 take a number for one only if it has a dot.
    private static func number(_ value: JSONValue) -> String {
        let text = JSONWriter.text(of: value, isIndented: false)
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    private mutating func string(_ text: String) -> Node {
        let scalars = text.unicodeScalars
        // A mark of the encoding, or nothing that a document may have (YAML 1.2, section 5.1), where it is not escaped.
        if scalars.contains(where: { [0xFEFF, 0xFFFE, 0xFFFF].contains($0.value) }) {
            return .scalar(Node.Scalar(text, Tag(.str), .doubleQuoted))
        }
        if text.contains("\n") { return .scalar(Node.Scalar(text, Tag(.str), .literal)) }
        if scalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
            return .scalar(Node.Scalar(text, Tag(.str), .doubleQuoted))
        }
        // What would be read as a number, a date or a truth value is quoted.
        return .scalar(Node.Scalar(text, Tag(.str), isPlain(text) ? .any : .singleQuoted))
    }

    private mutating func isPlain(_ text: String) -> Bool {
        // More letters than in any word that stands for something else.
        if text.utf8.count > 5, text.utf8.prefix(6).allSatisfy({ isLetter($0) }) { return true }
        if let known = isText[text] { return known }
        let answer = Node.scalar(Node.Scalar(text)).tag == Tag(.str)
        isText[text] = answer
        return answer
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
