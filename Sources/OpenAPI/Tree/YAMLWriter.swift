import YAML

/// Writes a ``JSONValue`` as YAML that people like to read: long texts as blocks, nothing sorted.
struct YAMLWriter {
    private let emitter: Emitter

    static func text(of value: JSONValue) throws(YAMLError) -> String {
        let writer = try YAMLWriter(emitter: Emitter())
        try writer.append(value)
        let text = try writer.emitter.finish()
        // Behind a text that ends in empty lines the document is ended, which nobody needs.
        return text.hasSuffix("\n...\n") ? String(text.dropLast("...\n".count)) : text
    }

    private func append(_ value: JSONValue) throws(YAMLError) {
        switch value {
        case .null, .bool, .integer: try emitter.scalar(JSONWriter.text(of: value, isIndented: false), .plain)
        case .number: try emitter.scalar(Self.number(value), .plain)
        case .string(let text): try emitter.scalar(text, Self.style(of: text))
        case .array(let elements):
            try emitter.beginSequence()
            for element in elements { try append(element) }
            try emitter.endSequence()
        case .object(let object):
            try emitter.beginMapping()
            for (key, member) in object.members {
                try emitter.scalar(key, Self.style(of: key))
                try append(member)
            }
            try emitter.endMapping()
        }
    }

    /// Readers of YAML 1.1 take a number for one only if it has a dot.
    private static func number(_ value: JSONValue) -> String {
        let text = JSONWriter.text(of: value, isIndented: false)
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    private static func style(of text: String) -> ScalarStyle {
        let scalars = text.unicodeScalars
        // A mark of the encoding, or nothing that a document may have (YAML 1.2, section 5.1), where it is not escaped.
        if scalars.contains(where: { [0xFEFF, 0xFFFE, 0xFFFF].contains($0.value) }) { return .doubleQuoted }
        if text.contains("\n") { return .literal }
        if scalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) { return .doubleQuoted }
        // What would be read as a number, a date or a truth value is quoted.
        return ImplicitType.isString(text) ? .plain : .singleQuoted
    }
}
