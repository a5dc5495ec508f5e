internal import Bytes
internal import Glibc

/// Values of metadata whose name ends in `-bin` (PROTOCOL-HTTP2, "Binary-Header").
package enum BinaryMetadata {
    /// Decodes base64, padded or not, in the alphabet of RFC 4648, section 4; nil where it is malformed.
    package static func decode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var end = bytes.count
        while end > 0, bytes.count - end < 2, bytes[end - 1] == UInt8(ascii: "=") { end -= 1 }
        // Padding fills a group of four; a group of one holds no whole byte.
        guard end == bytes.count || bytes.count % 4 == 0, end % 4 != 1 else { return nil }
        var sextets: UInt8 = 0
        let decoded = [UInt8](unsafeUninitializedCapacity: end / 4 * 3 + 2) { decoded, count in
            var (bits, bitCount, written) = (UInt32(0), UInt32(0), 0)
            for byte in UnsafeRawBufferPointer(rebasing: bytes[..<end]) {
                let value = sextet(byte)
                sextets |= value
                bits = bits << 6 | UInt32(value)
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    decoded[written] = UInt8(truncatingIfNeeded: bits >> bitCount)
                    written += 1
                }
            }
            count = written
        }
        return sextets < 64 ? decoded : nil
    }

    /// Decodes the first value that is neither empty nor malformed of those that commas separate; nil if there is none.
    ///
    /// An intermediary may join fields of one name (PROTOCOL-HTTP2, "Custom-Metadata").
    package static func decodeFirst(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var start = 0
        while start < bytes.count {
            let end = comma(in: bytes, from: start) ?? bytes.count
            if let decoded = decode(UnsafeRawBufferPointer(rebasing: FieldSyntax.trimmed(bytes[start..<end]))),
                !decoded.isEmpty
            {
                return decoded
            }
            start = end + 1
        }
        return nil
    }

    /// Calls `body` with each value of those that commas separate (PROTOCOL-HTTP2, "Custom-Metadata"), still encoded.
    ///
    /// Empty elements of a list count for nothing (RFC 9110, section 5.6.1); one empty value is one of no bytes.
    package static func forEachValue<Failure>(
        in bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var start = 0
        while true {
            let end = comma(in: bytes, from: start) ?? bytes.count
            // White space may surround a comma (RFC 9110, section 5.6.1).
            let value = UnsafeRawBufferPointer(rebasing: FieldSyntax.trimmed(bytes[start..<end]))
            if !value.isEmpty || start == 0 && end == bytes.count { try body(value) }
            guard end < bytes.count else { return }
            start = end + 1
        }
    }

    private static func comma(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        return memchr(base + start, Int32(UInt8(ascii: ",")), bytes.count - start).map { UnsafeRawPointer($0) - base }
    }

    /// Encodes in base64, in the alphabet of RFC 4648, section 4; what is sent to a gRPC peer has no padding.
    package static func encode(_ bytes: [UInt8], isPadded: Bool) -> String {
        let letters = (bytes.count * 4 + 2) / 3
        let count = isPadded ? (letters + 3) / 4 * 4 : letters
        return String(unsafeUninitializedCapacity: count) { text in
            for index in 0..<letters {
                // Six bits at a time, the highest of the first byte first.
                let bit = index * 6
                let high = UInt16(bytes[bit / 8]) << 8
                let low = bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0
                text[index] = letter((high | low) >> UInt16(10 - bit % 8) & 63)
            }
            for index in letters..<count { text[index] = UInt8(ascii: "=") }
            return count
        }
    }

    private static func letter(_ sextet: UInt16) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: sextet)
        switch value {
        case 0..<26: return UInt8(ascii: "A") + value
        case 26..<52: return UInt8(ascii: "a") + value - 26
        case 52..<62: return UInt8(ascii: "0") + value - 52
        case 62: return UInt8(ascii: "+")
        default: return UInt8(ascii: "/")
        }
    }

    /// What a letter stands for; 64 or more where it is none.
    ///
    /// All alternatives are computed, since no branch between them could be foreseen.
    private static func sextet(_ byte: UInt8) -> UInt8 {
        var value = UInt8.max
        if byte &- UInt8(ascii: "A") < 26 { value = byte &- UInt8(ascii: "A") }
        if byte &- UInt8(ascii: "a") < 26 { value = byte &- UInt8(ascii: "a") &+ 26 }
        if byte &- UInt8(ascii: "0") < 10 { value = byte &- UInt8(ascii: "0") &+ 52 }
        if byte == UInt8(ascii: "+") { value = 62 }
        if byte == UInt8(ascii: "/") { value = 63 }
        return value
    }
}
