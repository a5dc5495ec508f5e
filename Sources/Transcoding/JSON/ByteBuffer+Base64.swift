import Bytes

extension ByteBuffer {
    /// Appends `bytes` as padded base64 (RFC 4648, section 4) in quotes.
    mutating func appendBase64(_ bytes: UnsafeRawBufferPointer) {
        reserve((bytes.count &+ 2) / 3 &* 4 &+ 2)
        append(UInt8(ascii: "\""))
        var index = 0
        while index &+ 3 <= bytes.count {
            let group = UInt32(bytes[index]) &<< 16 | UInt32(bytes[index &+ 1]) &<< 8 | UInt32(bytes[index &+ 2])
            let target = spare
            target[0] = Base64.letter(group &>> 18)
            target[1] = Base64.letter(group &>> 12)
            target[2] = Base64.letter(group &>> 6)
            target[3] = Base64.letter(group)
            advance(by: 4)
            index &+= 3
        }
        switch bytes.count &- index {
        case 1:
            let group = UInt32(bytes[index]) &<< 16
            append(Base64.letter(group &>> 18))
            append(Base64.letter(group &>> 12))
            append("==")
        case 2:
            let group = UInt32(bytes[index]) &<< 16 | UInt32(bytes[index &+ 1]) &<< 8
            append(Base64.letter(group &>> 18))
            append(Base64.letter(group &>> 12))
            append(Base64.letter(group &>> 6))
            append(UInt8(ascii: "="))
        default: break
        }
        append(UInt8(ascii: "\""))
    }
}

/// The two alphabets of RFC 4648, read as one.
enum Base64 {
    /// The letter for the low six bits of `value`.
    @inline(__always)
    static func letter(_ value: UInt32) -> UInt8 {
        let bits = UInt8(truncatingIfNeeded: value & 63)
        switch bits {
        case 0..<26: return UInt8(ascii: "A") &+ bits
        case 26..<52: return UInt8(ascii: "a") &+ bits &- 26
        case 52..<62: return UInt8(ascii: "0") &+ bits &- 52
        case 62: return UInt8(ascii: "+")
        default: return UInt8(ascii: "/")
        }
    }

    /// The six bits of a letter of either alphabet, above 63 for anything else.
    @inline(__always)
    private static func bits(_ letter: UInt8) -> UInt32 {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter &- UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter &- UInt8(ascii: "a") &+ 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter &- UInt8(ascii: "0") &+ 52)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: 64
        }
    }

    /// `text` without its padding, which only ever fills the last group.
    private static func unpaddedCount(_ text: UnsafeRawBufferPointer) -> Int {
        var count = text.count
        guard count % 4 == 0 else { return count }
        if count > 0, text[count &- 1] == UInt8(ascii: "=") { count &-= 1 }
        if count % 4 == 3, text[count &- 1] == UInt8(ascii: "=") { count &-= 1 }
        return count
    }

    /// Bytes that ``decode(_:into:)`` will make of `text`, if it is base64 at all.
    static func decodedCount(_ text: UnsafeRawBufferPointer) -> Int {
        let count = unpaddedCount(text)
        return count / 4 &* 3 &+ max(count % 4 &- 1, 0)
    }

    /// Appends what `text` stands for, padded or not, or returns false if it is not base64.
    static func decode(_ text: UnsafeRawBufferPointer, into output: inout ByteBuffer) -> Bool {
        let count = unpaddedCount(text)
        guard count % 4 != 1 else { return false }
        output.reserve(count / 4 &* 3 &+ 3)
        var index = 0
        while index &+ 4 <= count {
            let group =
                bits(text[index]) &<< 24 | bits(text[index &+ 1]) &<< 16 | bits(text[index &+ 2]) &<< 8
                | bits(text[index &+ 3])
            if group & 0x4040_4040 != 0 { return false }
            let target = output.spare
            let (a, b, c, d) = (group &>> 24, group &>> 16 & 63, group &>> 8 & 63, group & 63)
            target[0] = UInt8(truncatingIfNeeded: a &<< 2 | b &>> 4)
            target[1] = UInt8(truncatingIfNeeded: (b & 0xF) &<< 4 | c &>> 2)
            target[2] = UInt8(truncatingIfNeeded: (c & 0x3) &<< 6 | d)
            output.advance(by: 3)
            index &+= 4
        }
        guard index < count else { return true }
        let (a, b) = (bits(text[index]), bits(text[index &+ 1]))
        let c = index &+ 2 < count ? bits(text[index &+ 2]) : 0
        if a | b | c > 63 { return false }
        output.append(UInt8(truncatingIfNeeded: a &<< 2 | b &>> 4))
        if index &+ 2 < count { output.append(UInt8(truncatingIfNeeded: (b & 0xF) &<< 4 | c &>> 2)) }
        return true
    }
}
