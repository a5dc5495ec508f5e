/// What readers take a plain scalar without a tag for.
///
/// By the types of YAML 1.1 (yaml.org/type: bool, float, int, merge, null, timestamp, value) and the core schema of
/// YAML 1.2.2 (section 10.3.2) together, taken widely: readers differ, and quotes do no harm.
package enum ImplicitType {
    /// The longest is "false".
    private static let words: Set<String> = ["null", "true", "false", "yes", "no", "y", "n", "on", "off"]

    /// Whether every reader takes `text` for a string.
    package static func isString(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        switch first {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return text.utf8.count > 5 || !words.contains(text.lowercased())
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return !isNumber(text.utf8[...]) && !isTime(text.utf8[...])
        default: return !["~", "=", "<<"].contains(text)
        }
    }

    /// Decimal, with a fraction and an exponent, in base 2, 8, 16 or 60, with `_` between digits; infinite or none.
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        if [".inf", ".nan"].contains(String(Substring(rest)).lowercased()) { return true }
        if let digits = afterRadix(rest) { return digits.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: "_") } }
        let mantissa = rest.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        return isDecimal(mantissa) && isExponent(rest[mantissa.endIndex...])
    }

    /// What follows `0x`, `0o` or `0b`; nil without any.
    private static func afterRadix(_ text: Substring.UTF8View) -> Substring.UTF8View? {
        guard text.first == UInt8(ascii: "0"), let radix = text.dropFirst().first, "xXoObB".utf8.contains(radix) else {
            return nil
        }
        return text.dropFirst(2)
    }

    /// Digits, `_` and `:`, and one point at most.
    private static func isDecimal(_ text: Substring.UTF8View) -> Bool {
        text.contains { isDigit($0) || $0 == UInt8(ascii: "_") }
            && text.allSatisfy { isDigit($0) || "_:.".utf8.contains($0) }
            && text.count { $0 == UInt8(ascii: ".") } <= 1
    }

    /// Nothing at all, or an `e`, a sign and digits.
    private static func isExponent(_ text: Substring.UTF8View) -> Bool {
        if text.isEmpty { return true }
        let sign = text.dropFirst().first
        let digits = text.dropFirst(sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 2 : 1)
        return !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    /// A date, as 2026-01-31, alone or with a time behind it.
    private static func isTime(_ text: Substring.UTF8View) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "-"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, (1...2).contains(parts[1].count),
            parts[0].allSatisfy(isDigit), parts[1].allSatisfy(isDigit)
        else { return false }
        let time = parts[2].drop(while: isDigit)
        guard time.count < parts[2].count else { return false }
        guard let first = time.first else { return true }
        return "Tt \t".utf8.contains(first) && time.contains(UInt8(ascii: ":"))
            && time.allSatisfy { isDigit($0) || "-+:.TtZz \t".utf8.contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
