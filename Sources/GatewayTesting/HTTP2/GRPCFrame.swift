/// gRPC's length-prefixed messages (PROTOCOL-HTTP2, "Length-Prefixed-Message").
package enum GRPCFrame {
    /// The prefix and `message`; `compressed` and `length` may lie about it.
    package static func encode(_ message: [UInt8], compressed: Bool = false, length: UInt32? = nil) -> [UInt8] {
        let length = length ?? UInt32(message.count)
        return [
            compressed ? 1 : 0,
            UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ] + message
    }

    /// The complete messages in `body`; an incomplete last one is left out.
    package static func decode(_ body: [UInt8]) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var rest = body[...]
        while rest.count >= 5 {
            let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard rest.count - 5 >= length else { break }
            messages.append(Array(rest.dropFirst(5).prefix(length)))
            rest = rest.dropFirst(5 + length)
        }
        return messages
    }
}
