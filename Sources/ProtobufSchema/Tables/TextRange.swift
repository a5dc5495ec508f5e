/// A piece of ``SchemaTables/text``.
@usableFromInline
package struct TextRange: Hashable, BitwiseCopyable, Sendable {
    @usableFromInline package let offset: UInt32
    @usableFromInline package let count: UInt32

    @inlinable
    package init(offset: UInt32, count: UInt32) {
        self.offset = offset
        self.count = count
    }
}
