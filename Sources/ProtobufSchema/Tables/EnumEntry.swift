/// What the transcoder must know of one enum type.
@usableFromInline
package struct EnumEntry: BitwiseCopyable, Sendable {
    /// The enum's values, one per number, stand together in number order from here.
    @usableFromInline package let firstValue: Int32
    @usableFromInline package let valueCount: Int32
    /// Numbers 0 ..< `denseCount` are looked up at `denseStart` + number.
    @usableFromInline package let denseStart: Int32
    @usableFromInline package let denseCount: Int32
    /// The hash table of names, open addressing, `nameMask` + 1 slots; aliases have names but no value of their own.
    @usableFromInline package let nameStart: Int32
    @usableFromInline package let nameMask: UInt32
    /// Every name, aliases too, in order of declaration, as ``NamedNumber``.
    @usableFromInline package let firstName: Int32
    @usableFromInline package let nameCount: Int32
    /// What the value names begin with by convention, `TRAINING_STATUS_` for `TrainingStatus`.
    @usableFromInline package let prefix: TextRange
    /// Whether numbers without a name are treated as unknown fields (proto2).
    @usableFromInline package let isClosed: Bool
    /// `google.protobuf.NullValue`, which is JSON's `null`.
    @usableFromInline package let isNullValue: Bool
}

/// One number of an enum.
@usableFromInline
package struct EnumValueEntry: BitwiseCopyable, Sendable {
    @usableFromInline package let number: Int32
    /// The first declared name, in quotes.
    @usableFromInline package let quotedName: TextRange
}

/// One name of an enum.
@usableFromInline
package struct NamedNumber: BitwiseCopyable, Sendable {
    @usableFromInline package let name: TextRange
    @usableFromInline package let number: Int32
}
