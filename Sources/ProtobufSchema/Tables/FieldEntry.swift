/// What the transcoder must know of one field.
@usableFromInline
package struct FieldEntry: BitwiseCopyable, Sendable {
    @usableFromInline package let number: Int32
    /// Place within the message's fields, 0 for the lowest number.
    @usableFromInline package let localIndex: Int32
    /// Message or enum of the value, -1 for a scalar; the entry message of a map.
    @usableFromInline package let child: Int32
    /// Place of the oneof within the message, -1 for none; a proto3 `optional` has none.
    @usableFromInline package let oneof: Int32
    @usableFromInline package let message: MessageIndex
    @usableFromInline package let kind: FieldKind
    @usableFromInline package let cardinality: Cardinality
    /// Bytes used of `tag`, 1 to 5.
    @usableFromInline package let tagLength: UInt8
    /// The encoded tag, first byte lowest; of a packed field, the tag of the run.
    @usableFromInline package let tag: UInt64
    /// `,"jsonName":` and behind it the default's text, where absence is printed as a default.
    @usableFromInline package let keyOffset: UInt32
    @usableFromInline package let keyLength: UInt32
    @usableFromInline package let defaultLength: UInt32
    /// The same with the name of the `.proto` file.
    @usableFromInline package let originalKeyOffset: UInt32
    @usableFromInline package let originalKeyLength: UInt32
    @usableFromInline package let name: TextRange
    @usableFromInline package let jsonName: TextRange

    package var childMessage: MessageIndex { MessageIndex(rawValue: child) }
    package var childEnum: EnumIndex { EnumIndex(rawValue: child) }
}
