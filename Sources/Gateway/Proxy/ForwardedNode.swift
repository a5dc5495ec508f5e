internal import EventLoop

/// Who took part in a request, as a proxy names it: `node` of RFC 7239, section 6, and what stands in `X-Forwarded-For`.
///
/// ```
/// node     = nodename [ ":" node-port ]
/// nodename = IPv4address / "[" IPv6address "]" / "unknown" / obfnode
/// obfnode  = "_" 1*( ALPHA / DIGIT / "." / "_" / "-" )
/// node-port = 1*5DIGIT / obfport, which is like obfnode
/// ```
enum ForwardedNode: Hashable {
    case address(IPAddress)
    /// The proxy does not know or will not say.
    case hidden

    /// Reads one; an IPv6 address without brackets too, as `X-Forwarded-For` has it.
    ///
    /// Nil if it is malformed.
    init?(_ text: UnsafeRawBufferPointer) {
        guard let first = text.first else { return nil }
        if first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")),
                ForwardedNode.isPort(text[(end + 1)...]), text[1..<end].contains(UInt8(ascii: ":")),
                let address = IPAddress(parsing: UnsafeRawBufferPointer(rebasing: text[1..<end]))
            else { return nil }
            self = .address(address)
            return
        }
        if let address = IPAddress(parsing: text) {
            self = .address(address)
            return
        }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.count
        let name = UnsafeRawBufferPointer(rebasing: text[..<colon])
        guard ForwardedNode.isPort(text[colon...]) else { return nil }
        if let address = IPAddress(parsing: name) {
            self = .address(address)
        } else if MediaType.equals(name[...], "unknown") || ForwardedNode.isObfuscated(name[...]) {
            self = .hidden
        } else {
            return nil
        }
    }

    /// Whether `text` is a colon and a port, or nothing.
    private static func isPort(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = text.first else { return true }
        let port = text.dropFirst()
        guard first == UInt8(ascii: ":") else { return false }
        if isObfuscated(port) { return true }
        return (1...5).contains(port.count) && port.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isObfuscated(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard text.count > 1, text.first == UInt8(ascii: "_") else { return false }
        return text.dropFirst().allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
