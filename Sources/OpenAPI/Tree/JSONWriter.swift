/// Writes a ``JSONValue`` as text (RFC 8259), indented by two spaces a level or without any white space.
package struct JSONWriter {
    private let isIndented: Bool
    private var text = ""

    private init(isIndented: Bool) {
        self.isIndented = isIndented
    }

    /// The text of `value`; indented text ends with a line feed.
    package static func text(of value: JSONValue, isIndented: Bool = true) -> String {
        var writer = JSONWriter(isIndented: isIndented)
        writer.append(value, depth: 0)
        if isIndented { writer.text += "\n" }
        return writer.text
    }

    private mutating func append(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        // JSON has no infinities.
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): append(quoting: value)
        case .array(let elements):
            appendList("[", "]", elements, depth) { writer, element in writer.append(element, depth: depth + 1) }
        case .object(let object):
            appendList("{", "}", object.members, depth) { writer, member in
                writer.append(quoting: member.key)
                writer.text += writer.isIndented ? ": " : ":"
                writer.append(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func appendList<Element>(
        _ opening: String,
        _ closing: String,
        _ elements: [Element],
        _ depth: Int,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        text += opening
        for (place, element) in elements.enumerated() {
            if place > 0 { text += "," }
            breakLine(depth + 1)
            body(&self, element)
        }
        if !elements.isEmpty { breakLine(depth) }
        text += closing
    }

    private mutating func breakLine(_ depth: Int) {
        guard isIndented else { return }
        text += "\n" + String(repeating: "  ", count: depth)
    }

    private mutating func append(quoting value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
