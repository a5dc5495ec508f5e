/// The bytes of all names and keys, as ``SchemaTables/text`` will hold them.
struct TextTable {
    private(set) var bytes: [UInt8] = []
    private var known: [String: TextRange] = [:]

    /// The place of `string`, which is stored once however often it is asked for.
    mutating func intern(_ string: String) -> TextRange {
        if let range = known[string] { return range }
        let range = TextRange(offset: UInt32(bytes.count), count: UInt32(string.utf8.count))
        bytes += string.utf8
        known[string] = range
        return range
    }

    /// `string` as a JSON string, quotes included.
    static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
