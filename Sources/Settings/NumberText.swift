/// How numbers are written in settings, wherever these are given.
///
/// Grammar: `[-] digits [. digits]` in decimal, without zeros in front. What C, Swift or YAML take besides (`0x10`, `010`,
/// `1e3`, `1_000`, `inf`) is none, since they do not agree on what it means.
package enum NumberText {
    package static func isWhole(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        return isDigits(digits.utf8) && (digits.utf8.count == 1 || digits.utf8.first != UInt8(ascii: "0"))
    }

    package static func isNumber(_ text: String) -> Bool {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return isWhole(String(parts[0])) && parts.dropFirst().allSatisfy { isDigits($0.utf8) }
    }

    static func isDigits(_ bytes: Substring.UTF8View) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    }
}
