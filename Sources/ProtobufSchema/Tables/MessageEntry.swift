/// What the transcoder must know of one message type.
@usableFromInline
package struct MessageEntry: BitwiseCopyable, Sendable {
    /// The message's fields, extensions included, stand together in number order from here.
    @usableFromInline package let firstField: Int32
    @usableFromInline package let fieldCount: Int32
    /// Numbers below `denseCount` are looked up at `denseStart` + number.
    @usableFromInline package let denseStart: Int32
    @usableFromInline package let denseCount: Int32
    /// The hash table of names, open addressing, `nameMask` + 1 slots.
    @usableFromInline package let nameStart: Int32
    @usableFromInline package let nameMask: UInt32
    @usableFromInline package let oneofCount: Int32
    @usableFromInline package let requiredCount: Int32
    @usableFromInline package let wellKnownType: WellKnownType
    /// `message_set_wire_format`, which has no JSON form here.
    @usableFromInline package let isMessageSet: Bool
}
