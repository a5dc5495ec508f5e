extension JSONReader {
    /// A string token whose opening quote is at the cursor.
    ///
    /// Checks UTF-8, escapes and surrogate pairs (RFC 8259, sections 7 and 8.1), so that unescaping cannot fail.
    @inline(__always)
    mutating func readString() throws(JSONFault) -> JSONString {
        cursor += 1
        let first = cursor
        // Most strings are plain to the end.
        while end - cursor >= 8 {
            let word = UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self)
            let specials = StringScan.specials(UInt64(littleEndian: word))
            if specials != 0 {
                cursor += specials.trailingZeroBitCount &>> 3
                if cursor.pointee == UInt8(ascii: "\"") {
                    let token = JSONString(start: first, count: cursor - first, decodedCount: cursor - first)
                    cursor += 1
                    return token
                }
                break
            }
            cursor += 8
        }
        return try readRestOfString(from: first)
    }

    @inline(never)
    private mutating func readRestOfString(from first: UnsafePointer<UInt8>) throws(JSONFault) -> JSONString {
        /// Bytes that unescaping will save.
        var saved = 0
        while cursor < end {
            let byte = cursor.pointee
            if byte == UInt8(ascii: "\"") {
                let count = cursor - first
                cursor += 1
                return JSONString(start: first, count: count, decodedCount: count - saved)
            }
            if byte == UInt8(ascii: "\\") {
                saved += try readEscape()
            } else if byte >= 0x80 {
                let length = StringScan.sequenceLength(cursor, available: end - cursor)
                guard length > 0 else { throw .invalidUTF8 }
                cursor += length
            } else if byte < 0x20 {
                throw .controlCharacter
            } else {
                cursor += 1
                skipPlain()
            }
        }
        throw .unexpectedEnd
    }

    @inline(__always)
    private mutating func skipPlain() {
        while end - cursor >= 8 {
            let word = UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self)
            let specials = StringScan.specials(UInt64(littleEndian: word))
            if specials != 0 {
                cursor += specials.trailingZeroBitCount &>> 3
                return
            }
            cursor += 8
        }
    }

    /// Steps over one escape and says how many bytes longer it is than what it stands for.
    private mutating func readEscape() throws(JSONFault) -> Int {
        guard end - cursor >= 2 else { throw .unexpectedEnd }
        switch cursor[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            cursor += 2
            return 1
        case UInt8(ascii: "u"):
            guard end - cursor >= 6 else { throw .unexpectedEnd }
            guard let unit = JSONString.hex(cursor + 2) else { throw .invalidEscape }
            guard unit & 0xF800 == 0xD800 else {
                cursor += 6
                return 6 - JSONString.utf8Length(unit)
            }
            // A high surrogate with its low one, or nothing (section 8.2 warns of the rest).
            guard unit < 0xDC00, end - cursor >= 12, cursor[6] == UInt8(ascii: "\\"), cursor[7] == UInt8(ascii: "u"),
                let low = JSONString.hex(cursor + 8), low & 0xFC00 == 0xDC00
            else { throw .invalidEscape }
            cursor += 12
            return 8
        default: throw .invalidEscape
        }
    }
}
