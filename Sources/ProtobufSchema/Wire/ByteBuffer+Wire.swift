package import Bytes

extension ByteBuffer {
    /// Bytes that `value` takes as a varint, 1 to 10.
    package static func varintLength(_ value: UInt64) -> Int {
        // Seven bits a byte, and zero still takes one: (bits * 9 + 64) / 64 is ceil(bits / 7) for 1...64.
        (((64 &- (value | 1).leadingZeroBitCount) &* 9) &+ 64) &>> 6
    }

    package mutating func appendVarint(_ value: UInt64) {
        if value < 0x80 {
            append(UInt8(truncatingIfNeeded: value))
            return
        }
        appendUnsafe(10) { spare in ByteBuffer.writeVarint(value, to: spare) }
    }

    /// Writes `value` to memory with room for ten bytes and says how many it took.
    package static func writeVarint(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = value
        var count = 0
        while rest >= 0x80 {
            target[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest &>>= 7
            count &+= 1
        }
        target[count] = UInt8(truncatingIfNeeded: rest)
        return count &+ 1
    }

    /// Appends a field's tag.
    package mutating func appendTag(number: Int32, _ wireType: WireType) {
        appendVarint(UInt64(UInt32(bitPattern: number)) << 3 | UInt64(wireType.rawValue))
    }

    package mutating func appendFixed32(_ value: UInt32) {
        appendUnsafe(4) { spare in
            UnsafeMutableRawPointer(spare).storeBytes(of: value.littleEndian, as: UInt32.self)
            return 4
        }
    }

    package mutating func appendFixed64(_ value: UInt64) {
        appendUnsafe(8) { spare in
            UnsafeMutableRawPointer(spare).storeBytes(of: value.littleEndian, as: UInt64.self)
            return 8
        }
    }

    /// Appends a length and the bytes themselves.
    package mutating func appendLengthDelimited(_ bytes: UnsafeRawBufferPointer) {
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
