/// Percent-encoding of text that becomes part of a path.
enum PathEncoding {
    /// `text` with everything but unreserved characters encoded (RFC 3986, section 2.3), slashes too unless they are kept.
    static func encode(_ text: some Sequence<UInt8>, keepsSlashes: Bool) -> String {
        var encoded = ""
        for byte in text {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "/") where keepsSlashes:
                encoded += "/"
            default:
                encoded += "%"
                for nibble in [byte >> 4, byte & 15] { encoded += String(nibble, radix: 16, uppercase: true) }
            }
        }
        return encoded
    }
}
