/// Prints texts as YAML.
enum YAMLScalar {
    /// Plain where that cannot be taken for anything else, in quotes otherwise.
    static func text(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isWord(first) || first == UInt8(ascii: "/"),
            isWord(last) || last == UInt8(ascii: "/"), text.lowercased() != "null"
        else { return false }
        return text.utf8.allSatisfy { isWord($0) || "/:.-_+=@%".utf8.contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// YAML 1.2.2, section 7.3.1, of which JSON's strings are a part.
    private static func quoted(_ text: String) -> String {
        let body = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": return "\\\""
            case "\\": return "\\\\"
            case "\u{20}"..."\u{7E}", "\u{A0}"..."\u{2027}", "\u{202A}"..."\u{D7FF}", "\u{E000}"..."\u{FEFE}",
                "\u{FF00}"..."\u{FFFD}":
                return String(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return "\"\(body.joined())\""
    }
}
