import Bytes

/// Eight bytes at a time: which of them cannot stand in a JSON string as they are.
enum StringScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// A word whose lowest set bit is in the first byte that is a quote, a backslash, a control or not ASCII.
    ///
    /// Bits above the lowest may be false alarms (borrows); zero means that all eight bytes are plain.
    @inline(__always)
    static func specials(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let controls = (word &- ones &* 0x20) & ~word
        return (word | controls | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & tops
    }

    /// Length of the well-formed UTF-8 sequence that starts with a non-ASCII byte, 0 if there is none (RFC 3629).
    @inline(__always)
    static func sequenceLength(_ start: UnsafePointer<UInt8>, available: Int) -> Int {
        let first = start[0]
        if first < 0xC2 { return 0 }
        if first < 0xE0 {
            return available >= 2 && start[1] & 0xC0 == 0x80 ? 2 : 0
        }
        if first < 0xF0 {
            guard available >= 3, start[1] & 0xC0 == 0x80, start[2] & 0xC0 == 0x80 else { return 0 }
            // Overlong forms and surrogates.
            if first == 0xE0 && start[1] < 0xA0 || first == 0xED && start[1] >= 0xA0 { return 0 }
            return 3
        }
        guard first < 0xF5, available >= 4, start[1] & 0xC0 == 0x80, start[2] & 0xC0 == 0x80, start[3] & 0xC0 == 0x80
        else { return 0 }
        if first == 0xF0 && start[1] < 0x90 || first == 0xF4 && start[1] >= 0x90 { return 0 }
        return 4
    }

    /// Whether `bytes` are well-formed UTF-8.
    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let start = base.assumingMemoryBound(to: UInt8.self)
        var index = 0
        while index < bytes.count {
            if index &+ 8 <= bytes.count, base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & tops == 0 {
                index &+= 8
            } else if start[index] < 0x80 {
                index &+= 1
            } else {
                let length = sequenceLength(start + index, available: bytes.count &- index)
                if length == 0 { return false }
                index &+= length
            }
        }
        return true
    }
}

extension ByteBuffer {
    /// Appends `text`, whose memory is readable for 32 bytes past its end.
    @inline(__always)
    mutating func appendPadded(_ text: UnsafePointer<UInt8>, count: Int) {
        reserve(count &+ 16)
        let source = UnsafeRawPointer(text)
        let target = UnsafeMutableRawPointer(spare)
        var offset = 0
        repeat {
            let piece = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
            target.storeBytes(of: piece, toByteOffset: offset, as: SIMD16<UInt8>.self)
            offset &+= 16
        } while offset < count
        advance(by: count)
    }

    /// Appends `text` as a JSON string (RFC 8259, section 7), or returns false if it is not UTF-8.
    ///
    /// What was appended before such a fault stays; the caller gives the output up anyway.
    mutating func appendJSONString(_ text: UnsafeRawBufferPointer) -> Bool {
        // Both quotes, and a whole word of overshoot.
        reserve(text.count &+ 16)
        spare.pointee = UInt8(ascii: "\"")
        advance(by: 1)
        guard let base = text.baseAddress else {
            append(UInt8(ascii: "\""))
            return true
        }
        var source = base
        let end = base + text.count
        while true {
            // Plain bytes are copied before it is known how many of the eight they are.
            while end - source >= 8 {
                let word = source.loadUnaligned(as: UInt64.self)
                UnsafeMutableRawPointer(spare).storeBytes(of: word, as: UInt64.self)
                let specials = StringScan.specials(UInt64(littleEndian: word))
                if specials != 0 {
                    let plain = specials.trailingZeroBitCount &>> 3
                    source += plain
                    advance(by: plain)
                    break
                }
                source += 8
                advance(by: 8)
            }
            if source == end { break }
            let byte = source.load(as: UInt8.self)
            if byte >= 0x80 {
                let start = source.assumingMemoryBound(to: UInt8.self)
                let length = StringScan.sequenceLength(start, available: end - source)
                if length == 0 { return false }
                spare.update(from: start, count: length)
                source += length
                advance(by: length)
            } else if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                appendEscaped(byte)
                source += 1
                reserve((end - source) &+ 16)
            } else {
                spare.pointee = byte
                source += 1
                advance(by: 1)
            }
        }
        append(UInt8(ascii: "\""))
        return true
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        default:
            append("u00")
            append(UInt8(ascii: "0") &+ byte &>> 4)
            let low = byte & 0xF
            append(low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &+ low &- 10)
        }
    }
}
