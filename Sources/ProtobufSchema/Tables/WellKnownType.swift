/// The messages of `google.protobuf` whose JSON form is their own.
@usableFromInline
package enum WellKnownType: UInt8, BitwiseCopyable, Sendable {
    case none
    case any
    case timestamp
    case duration
    case fieldMask
    case structure
    case value
    case listValue
    case empty
    case doubleValue
    case floatValue
    case int64Value
    case uint64Value
    case int32Value
    case uint32Value
    case boolValue
    case stringValue
    case bytesValue

    /// Whether the message boxes one scalar in its field 1.
    @inlinable
    package var isWrapper: Bool { rawValue >= WellKnownType.doubleValue.rawValue }

    /// Whether JSON shows the message as something else than an object of its fields.
    ///
    /// `Empty` is an ordinary message but inside an `Any`, where it has a "value" like the others.
    @inlinable
    package var hasOwnForm: Bool { self != .none && self != .empty }

    init(fullName: String) {
        self = WellKnownType.byName[fullName] ?? .none
    }

    private static let byName: [String: WellKnownType] = [
        "google.protobuf.Any": .any,
        "google.protobuf.Timestamp": .timestamp,
        "google.protobuf.Duration": .duration,
        "google.protobuf.FieldMask": .fieldMask,
        "google.protobuf.Struct": .structure,
        "google.protobuf.Value": .value,
        "google.protobuf.ListValue": .listValue,
        "google.protobuf.Empty": .empty,
        "google.protobuf.DoubleValue": .doubleValue,
        "google.protobuf.FloatValue": .floatValue,
        "google.protobuf.Int64Value": .int64Value,
        "google.protobuf.UInt64Value": .uint64Value,
        "google.protobuf.Int32Value": .int32Value,
        "google.protobuf.UInt32Value": .uint32Value,
        "google.protobuf.BoolValue": .boolValue,
        "google.protobuf.StringValue": .stringValue,
        "google.protobuf.BytesValue": .bytesValue,
    ]

    /// The fields that the transcoder's code for this type counts on: number, type, repeated.
    ///
    /// A descriptor set that has something else under the name is refused.
    var expectedFields: [(number: Int32, kind: FieldKind, isRepeated: Bool)] {
        switch self {
        case .none, .empty: []
        case .any: [(1, .string, false), (2, .bytes, false)]
        case .timestamp, .duration: [(1, .int64, false), (2, .int32, false)]
        case .fieldMask: [(1, .string, true)]
        case .structure: [(1, .message, true)]
        case .value:
            [
                (1, .enumeration, false), (2, .double, false), (3, .string, false), (4, .bool, false),
                (5, .message, false), (6, .message, false),
            ]
        case .listValue: [(1, .message, true)]
        case .doubleValue: [(1, .double, false)]
        case .floatValue: [(1, .float, false)]
        case .int64Value: [(1, .int64, false)]
        case .uint64Value: [(1, .uint64, false)]
        case .int32Value: [(1, .int32, false)]
        case .uint32Value: [(1, .uint32, false)]
        case .boolValue: [(1, .bool, false)]
        case .stringValue: [(1, .string, false)]
        case .bytesValue: [(1, .bytes, false)]
        }
    }
}
