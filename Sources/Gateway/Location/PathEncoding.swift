internal import Bytes

/// Percent-encoding of text that becomes part of a path.
enum PathEncoding {
    /// Letters, digits and `-._~` (RFC 3986, section 2.3).
    static var unreserved: ASCIISet { ASCIISet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// Appends `text` with everything but unreserved characters encoded, slashes too unless they are kept.
    static func append(_ text: UnsafeRawBufferPointer, keepsSlashes: Bool, to path: inout ByteBuffer) {
        path.reserve(text.count)
        for byte in text {
            if unreserved.contains(byte) || byte == UInt8(ascii: "/") && keepsSlashes {
                path.append(byte)
            } else {
                path.append(UInt8(ascii: "%"))
                path.append(digit(byte >> 4))
                path.append(digit(byte & 15))
            }
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") - 10 + nibble
    }
}
