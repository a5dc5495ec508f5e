/// The validator of an answer's content, `"` + 32 hexadecimal digits + `"` (RFC 9110, section 8.8.3).
///
/// Strong for the bytes that it was made of. Their gzip form has the same tag as a weak one: the content is the same,
/// but which bytes stand for it is up to the version of zlib (section 8.8.3.3).
struct EntityTag: Hashable {
    /// Bytes of the opaque tag, its quotes included.
    static let count = 34

    private let hash: ContentHash

    init(of content: UnsafeRawBufferPointer) {
        hash = ContentHash(of: content)
    }

    /// Lends the tag as the NUL-terminated value of a header.
    func withText<Result>(isWeak: Bool, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: EntityTag.count + 3) { text in
            var position = 0
            func append(_ byte: UInt8) {
                text[position] = CChar(truncatingIfNeeded: byte)
                position &+= 1
            }
            if isWeak {
                append(UInt8(ascii: "W"))
                append(UInt8(ascii: "/"))
            }
            append(UInt8(ascii: "\""))
            for half in [hash.first, hash.second] {
                var shift: UInt64 = 64
                while shift > 0 {
                    shift &-= 4
                    let nibble = UInt8(truncatingIfNeeded: half >> shift) & 15
                    append(nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble)
                }
            }
            append(UInt8(ascii: "\""))
            append(0)
            return body(UnsafePointer(text.baseAddress.unsafelyUnwrapped))
        }
    }

    /// Whether `text` is the opaque tag, quotes included.
    func equals(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == EntityTag.count else { return false }
        return withText(isWeak: false) { own in
            UnsafeRawBufferPointer(start: own, count: EntityTag.count).elementsEqual(text)
        }
    }
}
