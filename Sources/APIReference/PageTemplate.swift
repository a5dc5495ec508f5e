/// HTML with places that are named in it, such as `{{title}}`.
struct PageTemplate {
    private let text: [UInt8]

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// The text with all places filled: each with what it has in `values`, or nothing.
    ///
    /// What is filled in is not looked at again, so that it may hold anything.
    func filled(_ values: [String: [UInt8]]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(values.values.reduce(text.count) { $0 + $1.count })
        var rest = text[...]
        while let begin = PageTemplate.firstPair(of: UInt8(ascii: "{"), in: rest),
            let end = PageTemplate.firstPair(of: UInt8(ascii: "}"), in: rest[(begin + 2)...])
        {
            output += rest[..<begin]
            output += values[String(decoding: rest[(begin + 2)..<end], as: UTF8.self)] ?? []
            rest = rest[(end + 2)...]
        }
        return output + rest
    }

    private static func firstPair(of byte: UInt8, in text: ArraySlice<UInt8>) -> Int? {
        text.indices.dropLast().first { text[$0] == byte && text[$0 + 1] == byte }
    }

    /// JSON that can stand in a `script` element.
    ///
    /// Without a `<` there is neither an end tag nor a comment that would change how the rest is read (HTML, section
    /// 4.12.1.3). Outside of strings JSON has none.
    static func escaped(json: String) -> [UInt8] {
        escaped(json) { $0 == UInt8(ascii: "<") ? #"\u003c"# : nil }
    }

    /// Text that can stand between tags.
    static func escaped(text: String) -> [UInt8] {
        escaped(text) { byte in
            switch byte {
            case UInt8(ascii: "<"): "&lt;"
            case UInt8(ascii: "&"): "&amp;"
            default: nil
            }
        }
    }

    private static func escaped(_ text: String, by replacement: (UInt8) -> StaticString?) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 64)
        for byte in text.utf8 {
            if let replacement = replacement(byte) {
                replacement.withUTF8Buffer { output += $0 }
            } else {
                output.append(byte)
            }
        }
        return output
    }
}
