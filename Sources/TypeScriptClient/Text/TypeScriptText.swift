/// Names and strings of a descriptor set, which anyone may have made, as TypeScript.
enum TypeScriptText {
    /// A string literal in double quotes.
    static func quoted(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            default:
                if isUnsafe(scalar) {
                    literal += escape(scalar)
                } else {
                    literal.unicodeScalars.append(scalar)
                }
            }
        }
        return literal + "\""
    }

    /// The name of a member: bare where that is an identifier, else in quotes.
    static func memberName(_ name: String) -> String {
        Identifier.isValid(name) ? name : quoted(name)
    }

    /// An access to a member of `object`.
    static func access(_ object: String, _ name: String) -> String {
        Identifier.isValid(name) ? "\(object).\(name)" : "\(object)[\(quoted(name))]"
    }

    /// Whether readers of the file would not see the character, or would see others in another order for it.
    ///
    /// Controls, line separators, marks of direction (CVE-2021-42574), surrogates' stand-ins and the like.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        guard digits.count <= 4 else { return "\\u{\(digits)}" }
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
