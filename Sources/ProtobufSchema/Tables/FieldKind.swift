/// A field's type, numbered as `FieldDescriptorProto.Type`.
@usableFromInline
package enum FieldKind: UInt8, BitwiseCopyable, Sendable {
    case double = 1
    case float = 2
    case int64 = 3
    case uint64 = 4
    case int32 = 5
    case fixed64 = 6
    case fixed32 = 7
    case bool = 8
    case string = 9
    /// A message between a start and an end tag: a proto2 group or a delimited field of an edition.
    case group = 10
    case message = 11
    case bytes = 12
    case uint32 = 13
    case enumeration = 14
    case sfixed32 = 15
    case sfixed64 = 16
    case sint32 = 17
    case sint64 = 18

    /// How one value of this type stands on the wire.
    @inlinable
    package var wireType: WireType {
        switch self {
        case .double, .fixed64, .sfixed64: .fixed64
        case .float, .fixed32, .sfixed32: .fixed32
        case .string, .message, .bytes: .lengthDelimited
        case .group: .startGroup
        case .int64, .uint64, .int32, .bool, .uint32, .enumeration, .sint32, .sint64: .varint
        }
    }

    /// Whether many values may share one length-delimited run.
    @inlinable
    package var isPackable: Bool {
        switch self {
        case .string, .bytes, .message, .group: false
        default: true
        }
    }

    /// Whether the value is a message, however delimited.
    @inlinable
    package var isMessage: Bool { self == .message || self == .group }
}
