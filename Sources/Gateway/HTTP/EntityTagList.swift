internal import Bytes

/// The value of an `If-Match` or `If-None-Match` header (RFC 9110, sections 13.1.1 and 13.1.2).
///
///     If-None-Match = "*" / [ entity-tag *( OWS "," OWS entity-tag ) ]
///     entity-tag    = [ "W/" ] DQUOTE *etagc DQUOTE
///     etagc         = %x21 / %x23-7E / %x80-FF       ; a comma among them
struct EntityTagList {
    private let value: UnsafeRawBufferPointer

    init(_ value: UnsafeRawBufferPointer) {
        self.value = value
    }

    /// Whether it is `*`, which stands for whatever there is.
    var isAny: Bool { FieldSyntax.trimmed(value).elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) }

    /// Whether `tag` is in the list: with or without `W/`, or, by the strong comparison, only without (section 8.8.3.2).
    ///
    /// What stands behind something malformed does not count, so that at worst the client gets what it already has, or a
    /// 412.
    func contains(_ tag: EntityTag, byStrongComparison isStrong: Bool) -> Bool {
        var position = 0
        while true {
            skip(&position) { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
            guard position < value.count else { return false }
            let isWeak = value[position] == UInt8(ascii: "W")
            if isWeak {
                guard position + 1 < value.count, value[position + 1] == UInt8(ascii: "/") else { return false }
                position += 2
            }
            let start = position
            guard position < value.count, value[position] == UInt8(ascii: "\"") else { return false }
            position += 1
            skip(&position) { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }
            guard position < value.count, value[position] == UInt8(ascii: "\"") else { return false }
            position += 1
            let counts = !isWeak || !isStrong
            if counts, tag.equals(UnsafeRawBufferPointer(rebasing: value[start..<position])) { return true }
            skip(&position) { $0 == 0x20 || $0 == 0x09 }
            guard position == value.count || value[position] == UInt8(ascii: ",") else { return false }
        }
    }

    private func skip(_ position: inout Int, while matches: (UInt8) -> Bool) {
        while position < value.count, matches(value[position]) { position += 1 }
    }
}
