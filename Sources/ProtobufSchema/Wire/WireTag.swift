/// A field number and wire type, as they stand before each field.
///
/// Only made by ``WireReader/readTag()``, which has checked both halves.
@usableFromInline
package struct WireTag: Hashable, BitwiseCopyable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// 1 to 536,870,911.
    @inlinable
    package var number: Int32 { Int32(truncatingIfNeeded: rawValue >> 3) }

    @inlinable
    package var wireType: WireType { WireType(rawValue: UInt8(truncatingIfNeeded: rawValue & 7)) ?? .varint }
}
