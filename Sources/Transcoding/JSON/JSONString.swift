import Bytes
import Glibc

/// A string token: the text between its quotes, checked but not yet unescaped.
struct JSONString: BitwiseCopyable {
    let start: UnsafePointer<UInt8>
    let count: Int
    /// Length in UTF-8 once unescaped.
    let decodedCount: Int

    @inline(__always)
    var hasEscapes: Bool { decodedCount != count }

    @inline(__always)
    var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Appends the unescaped text, ``decodedCount`` bytes.
    func unescape(into output: inout ByteBuffer) {
        guard hasEscapes else {
            output.append(contentsOf: raw)
            return
        }
        output.reserve(decodedCount)
        var source = start
        let end = start + count
        while source < end {
            let escape = memchr(source, Int32(UInt8(ascii: "\\")), end - source)
            let plainEnd = escape.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? end
            output.append(contentsOf: UnsafeRawBufferPointer(start: source, count: plainEnd - source))
            source = plainEnd
            if source == end { return }
            // The reader has checked every escape, so what it needs is there.
            let letter = source[1]
            source += 2
            switch letter {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = JSONString.hex(source) ?? 0
                source += 4
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (JSONString.hex(source + 2) ?? 0) & 0x3FF
                    source += 6
                }
                JSONString.append(scalar, to: &output)
            default: output.append(letter)
            }
        }
    }

    /// Four hexadecimal digits.
    static func hex(_ digits: UnsafePointer<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for index in 0..<4 {
            guard let digit = hexDigit(digits[index]) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    static func utf8Length(_ scalar: UInt32) -> Int {
        if scalar < 0x80 { return 1 }
        if scalar < 0x800 { return 2 }
        return scalar < 0x10000 ? 3 : 4
    }

    private static func append(_ scalar: UInt32, to output: inout ByteBuffer) {
        switch utf8Length(scalar) {
        case 1: output.append(UInt8(truncatingIfNeeded: scalar))
        case 2:
            output.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        case 3:
            output.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        default:
            output.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        }
    }
}
