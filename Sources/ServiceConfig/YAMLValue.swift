import YAML

/// What a scalar is by YAML's core schema (YAML 1.2.2, section 10.3), and in words.
enum YAMLValue {
    static func isNull(_ node: Node) -> Bool { kind(node) == .null }

    /// Whether it has a tag of which nothing is known here.
    static func isTagged(_ node: Node) -> Bool { kind(node) == .other }

    static func bool(_ node: Node) -> Bool? {
        guard kind(node) == .bool, case .scalar(let text, _) = node.content else { return nil }
        return text.lowercased() == "true"
    }

    /// The text of a string, nil for anything else: numbers and booleans have to be quoted.
    static func string(_ node: Node) -> String? {
        guard kind(node) == .string, case .scalar(let text, _) = node.content else { return nil }
        return text
    }

    /// With its article, for "expected a string, found …".
    static func name(of node: Node) -> String {
        switch kind(node) {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .other: "a value tagged \(node.tag ?? "")"
        }
    }

    private enum Kind {
        case mapping, sequence, null, bool, number, string, other
    }

    private static func kind(_ node: Node) -> Kind {
        switch node.content {
        case .mapping: return .mapping
        case .sequence: return .sequence
        case .scalar(let text, let style):
            guard [nil, "!", "tag:yaml.org,2002:str"].contains(node.tag) else { return .other }
            guard style == .plain else { return .string }
            switch text {
            case "", "~", "null", "Null", "NULL": return .null
            case "true", "True", "TRUE", "false", "False", "FALSE": return .bool
            default: return isNumber(text) ? .number : .string
            }
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        guard let first = digits.first else { return false }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
            return Double(text) != nil || [".inf", ".nan"].contains(String(digits)?.lowercased())
        default: return false
        }
    }
}
