/// Values of metadata whose name ends in `-bin` (PROTOCOL-HTTP2, "Binary-Header").
package enum BinaryMetadata {
    /// Decodes base64, padded or not, in the alphabet of RFC 4648, section 4; nil where it is malformed.
    package static func decode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var end = bytes.count
        while end > 0, bytes.count - end < 2, bytes[end - 1] == UInt8(ascii: "=") { end -= 1 }
        // Padding fills a group of four; a group of one holds no whole byte.
        guard end == bytes.count || bytes.count % 4 == 0, end % 4 != 1 else { return nil }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(end / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes[..<end] {
            guard let value = sextet(byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                decoded.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        return decoded
    }

    /// Decodes the first value that is neither empty nor malformed of those that commas separate; nil if there is none.
    ///
    /// An intermediary may join fields of one name (PROTOCOL-HTTP2, "Custom-Metadata").
    package static func decodeFirst(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
            if let decoded = decode(trim(bytes[start..<end])), !decoded.isEmpty { return decoded }
            start = end + 1
        }
        return nil
    }

    /// Without the white space that may surround a comma (RFC 9110, section 5.6.1).
    private static func trim(_ bytes: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer {
        let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return UnsafeRawBufferPointer(rebasing: rest)
    }

    private static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
