import ProtobufSchema

/// JSON schemas of `google.protobuf`'s messages whose JSON form is their own.
enum WellKnownForms {
    /// nil for what is an ordinary message.
    static func form(_ type: WellKnownType, _ direction: Direction) -> JSONObject? {
        switch type {
        case .none, .empty: nil
        case .any:
            [
                "type": "object",
                "title": "Any",
                "description": "A message of the type that `@type` names, its fields beside it.",
                "properties": [
                    "@type": ["type": "string", "description": "Such as `type.googleapis.com/pkg.Message`."]
                ],
                "additionalProperties": true,
            ]
        case .timestamp: ["type": "string", "format": "date-time"]
        case .duration:
            [
                "type": "string", "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$",
                "description": "Seconds, such as `1.5s`.",
            ]
        case .fieldMask:
            [
                "type": "string", "pattern": "^([A-Za-z0-9.*]+(,[A-Za-z0-9.*]+)*)?$",
                "description": "Field paths in lowerCamelCase, separated by commas.",
            ]
        case .structure: ["type": "object", "additionalProperties": true]
        case .value: ["description": "Any JSON value."]
        case .listValue: ["type": "array", "items": [:]]
        case .doubleValue: ScalarForms.form(.double, direction)
        case .floatValue: ScalarForms.form(.float, direction)
        case .int64Value: ScalarForms.form(.int64, direction)
        case .uint64Value: ScalarForms.form(.uint64, direction)
        case .int32Value: ScalarForms.form(.int32, direction)
        case .uint32Value: ScalarForms.form(.uint32, direction)
        case .boolValue: ScalarForms.form(.bool, direction)
        case .stringValue: ScalarForms.form(.string, direction)
        case .bytesValue: ScalarForms.form(.bytes, direction)
        }
    }

    /// The kind of what a wrapper boxes; nil for others.
    static func boxedKind(_ type: WellKnownType) -> FieldKind? {
        switch type {
        case .doubleValue: .double
        case .floatValue: .float
        case .int64Value: .int64
        case .uint64Value: .uint64
        case .int32Value: .int32
        case .uint32Value: .uint32
        case .boolValue: .bool
        case .stringValue: .string
        case .bytesValue: .bytes
        default: nil
        }
    }
}
