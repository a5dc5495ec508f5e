internal import Bytes
internal import RPCCore
internal import Transcoding

/// Reads the one claim of a JWT that the gateway needs (RFC 7519); checking the signature is the server's business.
enum JSONWebToken {
    /// The `exp` of a token in the compact form `header.payload.signature`: seconds since 1970 (section 4.1.4).
    ///
    /// - Returns: nil if the token is no JWT, or has no `exp` that is a number.
    static func expiry(of token: UnsafeRawBufferPointer) -> Double? {
        guard let first = token.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let rest = token[(first + 1)...]
        guard let second = rest.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        guard let payload = decode(rest[..<second]) else { return nil }
        return payload.withUnsafeBytes { JSONMember.number("exp", of: $0) }
    }

    /// Decodes base64url without padding (RFC 7515, section 2).
    private static func decode(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        var letters: [UInt8] = []
        letters.reserveCapacity(text.count)
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): letters.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): letters.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: letters.append(byte)
            }
        }
        return letters.withUnsafeBytes { BinaryMetadata.decode($0) }
    }
}
