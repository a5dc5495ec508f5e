internal import Bytes

/// The value of an `If-None-Match` header (RFC 9110, section 13.1.2).
///
///     If-None-Match = "*" / [ entity-tag *( OWS "," OWS entity-tag ) ]
///     entity-tag    = [ "W/" ] DQUOTE *etagc DQUOTE
///     etagc         = %x21 / %x23-7E / %x80-FF       ; a comma among them
struct EntityTagList {
    private let value: UnsafeRawBufferPointer

    init(_ value: UnsafeRawBufferPointer) {
        self.value = value
    }

    /// Whether `tag`, of content that there is, is in the list, by the weak comparison: `W/` makes no difference.
    ///
    /// What stands behind something malformed does not count, so that at worst the client gets what it already has.
    func contains(_ tag: EntityTag) -> Bool {
        if FieldSyntax.trimmed(value[...]).elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) { return true }
        var position = 0
        while true {
            skip(&position) { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
            guard position < value.count else { return false }
            if value[position] == UInt8(ascii: "W") {
                guard position + 1 < value.count, value[position + 1] == UInt8(ascii: "/") else { return false }
                position += 2
            }
            let start = position
            guard position < value.count, value[position] == UInt8(ascii: "\"") else { return false }
            position += 1
            skip(&position) { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }
            guard position < value.count, value[position] == UInt8(ascii: "\"") else { return false }
            position += 1
            if tag.equals(UnsafeRawBufferPointer(rebasing: value[start..<position])) { return true }
            skip(&position) { $0 == 0x20 || $0 == 0x09 }
            guard position == value.count || value[position] == UInt8(ascii: ",") else { return false }
        }
    }

    private func skip(_ position: inout Int, while matches: (UInt8) -> Bool) {
        while position < value.count, matches(value[position]) { position += 1 }
    }
}
