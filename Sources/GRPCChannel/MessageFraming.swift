package import Bytes

/// The five bytes in front of every gRPC message (PROTOCOL-HTTP2, "Length-Prefixed-Message").
package enum MessageFraming {
    /// Bytes of the prefix: the compressed flag and the message's length, big endian.
    package static let prefixLength = 5

    /// Leaves room for the prefix; `buffer` must be empty.
    package static func reservePrefix(_ buffer: inout ByteBuffer) {
        precondition(buffer.isEmpty, "the prefix comes first")
        buffer.appendUnsafe(prefixLength) { bytes in
            bytes.update(repeating: 0, count: prefixLength)
            return prefixLength
        }
    }

    /// Fills the prefix in, now that the message behind it is complete; false if its length does not fit 32 bits.
    static func finish(_ buffer: inout ByteBuffer) -> Bool {
        precondition(buffer.count >= prefixLength, "reservePrefix must come first")
        guard let length = UInt32(exactly: buffer.count - prefixLength) else { return false }
        buffer[0] = 0
        buffer[1] = UInt8(truncatingIfNeeded: length >> 24)
        buffer[2] = UInt8(truncatingIfNeeded: length >> 16)
        buffer[3] = UInt8(truncatingIfNeeded: length >> 8)
        buffer[4] = UInt8(truncatingIfNeeded: length)
        return true
    }
}
