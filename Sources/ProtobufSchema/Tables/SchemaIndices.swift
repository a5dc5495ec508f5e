/// A message's place in ``SchemaTables/messages``.
@usableFromInline
package struct MessageIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    @usableFromInline package let rawValue: Int32

    @inlinable
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}

/// A field's place in ``SchemaTables/fields``.
@usableFromInline
package struct FieldIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    @usableFromInline package let rawValue: Int32

    @inlinable
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}

/// An enum's place in ``SchemaTables/enums``.
@usableFromInline
package struct EnumIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    @usableFromInline package let rawValue: Int32

    @inlinable
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}
