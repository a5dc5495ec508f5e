internal import Glibc

extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `literal`.
    package func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && hasPrefix(literal)
    }

    /// Whether the bytes begin with those of `literal`.
    package func hasPrefix(_ literal: StaticString) -> Bool {
        guard count >= literal.utf8CodeUnitCount else { return false }
        // Without bytes there may be no address either, and then the literal has none.
        guard let start = baseAddress else { return true }
        return memcmp(start, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }
}
