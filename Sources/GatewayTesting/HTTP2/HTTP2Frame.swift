/// Frames written by hand, for what nghttp2 refuses to send.
package enum HTTP2Frame {
    /// The nine octets of RFC 9113, section 4.1, then `payload`; `length` may lie about it.
    package static func bytes(
        type: UInt8,
        flags: UInt8 = 0,
        stream: Int32 = 0,
        payload: [UInt8] = [],
        length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? payload.count
        let id = UInt32(bitPattern: stream)
        return [
            UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8),
            UInt8(truncatingIfNeeded: length), type, flags,
            UInt8(truncatingIfNeeded: id >> 24), UInt8(truncatingIfNeeded: id >> 16),
            UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id),
        ] + payload
    }

    package static func data(stream: Int32, _ payload: [UInt8], endStream: Bool = false) -> [UInt8] {
        bytes(type: 0, flags: endStream ? 1 : 0, stream: stream, payload: payload)
    }

    /// A HEADERS frame whose fields are sent exactly as given, upper case and all.
    package static func headers(stream: Int32, _ headers: HeaderList, endStream: Bool = false) -> [UInt8] {
        bytes(type: 1, flags: endStream ? 5 : 4, stream: stream, payload: literalBlock(headers))
    }

    /// A header block of literals "never indexed" without Huffman coding (RFC 7541, section 6.2.3).
    ///
    /// It leaves the dynamic table alone, so it may go between frames that nghttp2 has encoded.
    package static func literalBlock(_ headers: HeaderList) -> [UInt8] {
        var block: [UInt8] = []
        for field in headers.fields {
            block.append(0x10)
            appendString(Array(field.name.utf8), to: &block)
            appendString(field.value, to: &block)
        }
        return block
    }

    /// A string literal with its length as an integer of 7-bit prefix (RFC 7541, sections 5.1 and 5.2).
    private static func appendString(_ string: [UInt8], to block: inout [UInt8]) {
        if string.count < 127 {
            block.append(UInt8(string.count))
        } else {
            block.append(127)
            var rest = string.count - 127
            while rest >= 128 {
                block.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            block.append(UInt8(rest))
        }
        block += string
    }
}
