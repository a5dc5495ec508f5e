internal import Bytes

/// Which bytes may stand where in a request (RFC 9110, RFC 9112, RFC 3986).
package enum RequestSyntax {
    /// `reg-name` but for its percent-encodings (RFC 3986, section 3.2.2): letters, digits and `-._~!$&'()*+,;=`.
    static var name: ASCIISet { ASCIISet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
    /// Digits and the letters A to F in either case.
    static var hexDigits: ASCIISet { ASCIISet(low: 0x03FF_0000_0000_0000, high: 0x0000_007E_0000_007E) }

    /// Without the white space that libmicrohttpd leaves behind a value (RFC 9112, section 5.1).
    ///
    /// There hardly ever is any, so that this is a look at the last byte.
    @inline(__always)
    static func trimmed(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let last = value.last, FieldSyntax.isSpace(last) else { return value }
        return UnsafeRawBufferPointer(rebasing: FieldSyntax.trimmed(value))
    }

    /// Whether there are decimal digits and nothing else (RFC 9110, section 8.6).
    static func isNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where byte < UInt8(ascii: "0") || byte > UInt8(ascii: "9") { return false }
        return !bytes.isEmpty
    }

    /// Whether there is no control character but tabs (RFC 9110, section 5.5).
    static func isFieldValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // Tabs are rare, so a word with one is looked at byte by byte.
            if holdsControl(word), !isPlain(bytes[index..<index + 8]) { return false }
            index += 8
        }
        return isPlain(bytes[index...])
    }

    /// Whether there is a control character, tabs among them.
    static func holdsControl(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= bytes.count {
            if holdsControl(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { return true }
            index += 8
        }
        for byte in bytes[index...] where byte < 0x20 || byte == 0x7F { return true }
        return false
    }

    /// Whether a byte below 0x20 or 0x7F is among the eight of `word`; exactly that, for bytes from 0x80 on too.
    ///
    /// Subtracting borrows out of a byte's top bit only where it was smaller, or behind one that was.
    private static func holdsControl(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let below = (word &- ones &* 0x20) & ~word & tops
        let delete = word ^ (ones &* 0x7F)
        return below | ((delete &- ones) & ~delete & tops) != 0
    }

    private static func isPlain(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        for byte in bytes where (byte < 0x20 && byte != 0x09) || byte == 0x7F { return false }
        return true
    }

    /// Whether every byte is visible ASCII and none a `#`, of which a target has none (RFC 3986, section 3.5).
    ///
    /// Laxer than RFC 3986, since browsers leave `|`, `{` and others as they are.
    static func isTarget(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "#") { return false }
        return !bytes.isEmpty
    }

    /// `uri-host [ ":" port ]` (RFC 9110, section 7.2).
    package static func isHost(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.first == UInt8(ascii: "[") else {
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
            return isName(bytes[..<colon]) && isPort(bytes[colon...])
        }
        guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
        return isAddress(bytes[1..<end]) && isPort(bytes[(end + 1)...])
    }

    private static func isName(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, hexDigits.contains(bytes[index + 1]),
                    hexDigits.contains(bytes[index + 2])
                else { return false }
                index += 3
            } else {
                guard name.contains(bytes[index]) else { return false }
                index += 1
            }
        }
        return !bytes.isEmpty
    }

    /// What may stand in brackets, without counting an IPv6 address's groups.
    private static func isAddress(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = bytes.first else { return false }
        let isFuture = first == UInt8(ascii: "v") || first == UInt8(ascii: "V")
        var hasColon = false
        for byte in bytes {
            let isColon = byte == UInt8(ascii: ":")
            if isColon { hasColon = true }
            let isDot = byte == UInt8(ascii: ".")
            guard isColon || isDot || (isFuture ? name : hexDigits).contains(byte) else { return false }
        }
        return hasColon || isFuture
    }

    private static func isPort(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let colon = bytes.first else { return true }
        guard colon == UInt8(ascii: ":"), bytes.count <= 6 else { return false }
        var port = 0
        for byte in bytes.dropFirst() {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return false }
            port = port * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return port <= 65_535
    }

    /// Whether `bytes` are `lowercase`, which holds no letter in upper case, in any case.
    package static func equals(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        let expected = lowercase.utf8Start
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isUpper ? byte | 0x20 : byte) == expected[index] else { return false }
        }
        return true
    }
}
