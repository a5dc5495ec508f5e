/// An input as targets read it: three bytes that choose, then the content.
struct FuzzInput {
    /// Chooses the message type.
    let type: Int
    let flags: Flags
    /// Chooses a field where one is called for.
    let field: Int
    let content: UnsafeRawBufferPointer

    /// Nil for an input too short to choose.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 3 else { return nil }
        type = Int(bytes[0])
        flags = Flags(rawValue: bytes[1])
        field = Int(bytes[2])
        content = UnsafeRawBufferPointer(rebasing: bytes[3...])
    }

    struct Flags: OptionSet {
        let rawValue: UInt8

        static let omitsDefaults = Flags(rawValue: 1)
        static let usesOriginalNames = Flags(rawValue: 2)
        static let printsEnumsAsNumbers = Flags(rawValue: 4)
        static let ignoresUnknownFields = Flags(rawValue: 8)
        /// The content begins with a query string, up to a zero byte.
        static let hasQuery = Flags(rawValue: 16)
        /// The body is one field of the message.
        static let isOneField = Flags(rawValue: 32)
        /// The content is a ``MessageScript`` rather than a serialized message.
        static let isScript = Flags(rawValue: 64)

        /// Which of the option sets of ``FuzzSchema``.
        var printer: Int { Int(rawValue & 7) }
    }
}

/// Lends a copy of `bytes` that ends where its block of the heap does, so that a sanitizer sees a read past the end.
func withExactCopy<Result, Failure: Error>(
    _ bytes: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try body(UnsafeRawBufferPointer(copy))
}
