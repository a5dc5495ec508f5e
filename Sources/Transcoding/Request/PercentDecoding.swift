import Bytes

/// Percent-decoding of path segments and queries (RFC 3986, section 2.1).
enum PercentDecoding {
    enum Mode {
        /// Everything is decoded.
        case segment
        /// `%2F` stays, so that a slash in a segment can be told from one between segments.
        case multiSegment
        /// `+` is a space (application/x-www-form-urlencoded).
        case query
    }

    enum Fault {
        case malformedEscape
        case invalidUTF8
        case zeroByte

        var description: String {
            switch self {
            case .malformedEscape: "malformed percent-encoding"
            case .invalidUTF8: "not valid UTF-8 once percent-decoded"
            case .zeroByte: "a NUL character is not allowed"
            }
        }
    }

    /// Appends the decoded `source`, nil if all is well.
    static func decode(
        _ source: UnsafeRawBufferPointer,
        _ mode: Mode,
        into output: inout ByteBuffer
    ) -> Fault? {
        let start = output.count
        output.reserve(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < source.count, let high = JSONString.hexDigit(source[index + 1]),
                    let low = JSONString.hexDigit(source[index + 2])
                else { return .malformedEscape }
                let decoded = UInt8(truncatingIfNeeded: high << 4 | low)
                if decoded == 0 { return .zeroByte }
                if mode == .multiSegment, decoded == UInt8(ascii: "/") {
                    output.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[index..<index + 3]))
                } else {
                    output.append(decoded)
                }
                index += 3
            } else {
                if byte == 0 { return .zeroByte }
                output.append(mode == .query && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return StringScan.isUTF8(UnsafeRawBufferPointer(rebasing: output.bytes[start...])) ? nil : .invalidUTF8
    }
}
