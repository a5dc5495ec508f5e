internal import Bytes

/// Reads media types (RFC 9110, section 8.3.1).
package enum MediaType {
    typealias Bytes = Slice<UnsafeRawBufferPointer>

    /// Whether a `Content-Type` says JSON: `application/json` or a `+json` type, whatever its parameters.
    package static func isJSON(_ contentType: UnsafeRawBufferPointer) -> Bool {
        let type = essence(contentType[...])
        if equals(type, "application/json") { return true }
        return type.count > 17 && equals(type.prefix(12), "application/") && equals(type.suffix(5), "+json")
    }

    /// Whether an `Accept` names `application/problem+json` with a weight above 0.
    package static func acceptsProblem(_ accept: UnsafeRawBufferPointer) -> Bool {
        AcceptHeader(accept).names("application/problem+json")
    }

    /// Type and subtype, without parameters and white space around them.
    static func essence(_ value: Bytes) -> Bytes {
        FieldSyntax.trimmed(value.prefix { $0 != UInt8(ascii: ";") })
    }

    /// Compares without regard to the case of `value`.
    static func equals(_ value: Bytes, _ lowercase: StaticString) -> Bool {
        lowercase.withUTF8Buffer { equals(value, $0[...]) }
    }

    static func equals(_ value: Bytes, _ lowercase: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        value.count == lowercase.count
            && zip(value, lowercase).allSatisfy { byte, expected in
                byte == expected || (byte >= 0x41 && byte <= 0x5A && byte | 0x20 == expected)
            }
    }
}
