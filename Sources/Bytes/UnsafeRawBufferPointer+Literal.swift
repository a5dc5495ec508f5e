internal import Glibc

extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `literal`.
    func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && hasPrefix(literal)
    }

    /// Whether the bytes begin with those of `literal`.
    func hasPrefix(_ literal: StaticString) -> Bool {
        guard count >= literal.utf8CodeUnitCount, let start = baseAddress else { return false }
        return memcmp(start, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }
}
