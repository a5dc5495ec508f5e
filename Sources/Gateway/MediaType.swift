/// Reads the media types of `Content-Type` and `Accept` (RFC 9110, sections 8.3 and 12.5.1).
package enum MediaType {
    /// Whether a `Content-Type` says JSON: `application/json` or a `+json` type, whatever its parameters.
    package static func isJSON(_ contentType: UnsafeRawBufferPointer) -> Bool {
        let type = essence(contentType[...])
        if equals(type, "application/json") { return true }
        return type.count > 17 && equals(type.prefix(12), "application/") && equals(type.suffix(5), "+json")
    }

    /// Whether an `Accept` names `application/problem+json` with a weight above 0.
    package static func acceptsProblem(_ accept: UnsafeRawBufferPointer) -> Bool {
        for range in accept.split(separator: UInt8(ascii: ","))
        where equals(essence(range), "application/problem+json") {
            return !hasZeroWeight(range)
        }
        return false
    }

    private typealias Bytes = Slice<UnsafeRawBufferPointer>

    /// Type and subtype, without parameters and white space around them.
    private static func essence(_ value: Bytes) -> Bytes {
        trim(value.prefix { $0 != UInt8(ascii: ";") })
    }

    private static func trim(_ value: Bytes) -> Bytes {
        var trimmed = value.drop(while: isSpace)
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        return trimmed
    }

    /// `q=0`, `q=0.`, `q=0.0` up to `q=0.000` (RFC 9110, section 12.4.2).
    private static func hasZeroWeight(_ range: Bytes) -> Bool {
        for parameter in range.split(separator: UInt8(ascii: ";")).dropFirst() {
            let text = trim(parameter)
            guard text.count >= 3, text.count <= 7, equals(text.prefix(2), "q=") else { continue }
            return text.dropFirst(2).allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
        }
        return false
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func equals(_ value: Bytes, _ lowercase: StaticString) -> Bool {
        guard value.count == lowercase.utf8CodeUnitCount else { return false }
        return lowercase.withUTF8Buffer { other in
            zip(value, other).allSatisfy { byte, expected in
                byte == expected || (byte >= 0x41 && byte <= 0x5A && byte | 0x20 == expected)
            }
        }
    }
}
