/// As much of what a client sent as an error repeats.
enum Excerpt {
    /// Bytes of a name or value that are shown.
    static let maximumCount = 64
    /// Bytes of a path of names that are shown.
    static let maximumPathCount = 256

    /// The text of `bytes`, cut at a character's boundary, with an ellipsis, if it is longer than `limit`.
    static func text(_ bytes: UnsafeRawBufferPointer, limit: Int = maximumCount) -> String {
        if bytes.count <= limit { return String(decoding: bytes, as: UTF8.self) }
        var end = limit
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }

    /// The path `path`, without its end if it is too long.
    static func path(_ path: String) -> String {
        if path.utf8.count <= maximumPathCount { return path }
        var copy = path
        return copy.withUTF8 { text(UnsafeRawBufferPointer($0), limit: maximumPathCount) }
    }
}
