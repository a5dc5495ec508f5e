import ProtobufSchema

/// Turns the text of an example or a default into the JSON of a kind, if it is one.
enum ExampleText {
    static func value(_ text: String, _ kind: FieldKind, _ direction: Direction) -> JSONValue? {
        switch kind {
        case .string: .string(text)
        case .bool: text == "true" ? true : text == "false" ? false : nil
        case .bytes: isBase64(text) ? .string(text) : nil
        case .int32, .sint32, .sfixed32: Int32(text).map { .integer(Int64($0)) }
        case .uint32, .fixed32: UInt32(text).map { .integer(Int64($0)) }
        case .int64, .sint64, .sfixed64: Int64(text).map { .string(String($0)) }
        case .uint64, .fixed64: UInt64(text).map { .string(String($0)) }
        case .double, .float: number(text)
        case .enumeration, .message, .group: nil
        }
    }

    static func value(_ text: String, _ type: WellKnownType, _ direction: Direction) -> JSONValue? {
        if let kind = WellKnownForms.boxedKind(type) { return value(text, kind, direction) }
        switch type {
        case .timestamp: return isTimestamp(text) ? .string(text) : nil
        case .duration: return isDuration(text) ? .string(text) : nil
        case .fieldMask: return isFieldMask(text) ? .string(text) : nil
        case .value: return .string(text)
        default: return nil
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        if ["NaN", "Infinity", "-Infinity"].contains(text) { return .string(text) }
        guard let value = Double(text), value.isFinite else { return nil }
        return .number(value)
    }

    private static func isBase64(_ text: String) -> Bool {
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return text.utf8.count % 4 == 0 && text.utf8.count - digits.count <= 2
            && text.utf8.dropFirst(digits.count).allSatisfy { $0 == UInt8(ascii: "=") }
            && digits.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }
    }

    private static func isFieldMask(_ text: String) -> Bool {
        !text.isEmpty
            && text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { path in
                guard let first = path.utf8.first, !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else {
                    return false
                }
                return path.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: ".") }
            }
    }

    /// `-12.5s`.
    private static func isDuration(_ text: String) -> Bool {
        guard text.hasSuffix("s") else { return false }
        let parts = text.dropLast().drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.dropFirst().allSatisfy({ $0 != "-" }) else { return false }
        return parts.allSatisfy { (1...9).contains($0.utf8.count) && $0.utf8.allSatisfy(isDigit) }
    }

    /// `2026-01-31T23:59:59.5Z` (RFC 3339), in UTC as the gateway prints it.
    private static func isTimestamp(_ text: String) -> Bool {
        let shape = Array("0000-00-00T00:00:00".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count > shape.count, bytes.last == UInt8(ascii: "Z") else { return false }
        for (byte, expected) in zip(bytes, shape) {
            guard expected == UInt8(ascii: "0") ? isDigit(byte) : byte == expected else { return false }
        }
        func part(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
        guard part(0..<4) > 0, (1...12).contains(part(5..<7)), (1...28).contains(part(8..<10)) || part(8..<10) <= 31,
            part(8..<10) > 0, part(11..<13) < 24, part(14..<16) < 60, part(17..<19) < 60
        else { return false }
        let fraction = bytes[shape.count..<bytes.count - 1]
        return fraction.isEmpty
            || fraction.first == UInt8(ascii: ".") && (2...10).contains(fraction.count)
                && fraction.dropFirst().allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
