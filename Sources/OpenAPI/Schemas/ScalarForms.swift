import ProtobufSchema

/// JSON schemas of what is no message (protobuf.dev, "ProtoJSON Format").
enum ScalarForms {
    static let integerPattern: JSONValue = "^-?(0|[1-9][0-9]{0,18})$"
    static let unsignedPattern: JSONValue = "^(0|[1-9][0-9]{0,19})$"
    private static let specialNumbers: JSONValue = ["NaN", "Infinity", "-Infinity"]

    /// One value of this kind; nil for messages and enums.
    static func form(_ kind: FieldKind, _ direction: Direction) -> JSONObject? {
        switch kind {
        case .string: ["type": "string"]
        case .bool: ["type": "boolean"]
        case .bytes: ["type": "string", "format": "byte", "contentEncoding": "base64"]
        case .int32, .sint32, .sfixed32: int32(direction)
        case .uint32, .fixed32: uint32(direction)
        case .int64, .sint64, .sfixed64: wide("int64", integerPattern, direction)
        case .uint64, .fixed64: wide("uint64", unsignedPattern, direction)
        case .double: floating("double")
        case .float: floating("float")
        case .enumeration, .message, .group: nil
        }
    }

    private static func int32(_ direction: Direction) -> JSONObject {
        var form: JSONObject = ["type": "integer", "format": "int32"]
        if direction == .request {
            form["type"] = ["integer", "string"]
            form["minimum"] = .integer(Int64(Int32.min))
            form["maximum"] = .integer(Int64(Int32.max))
            // As text, fewer digits than there may be: a pattern cannot say what is too large.
            form["pattern"] = "^-?(0|[1-9][0-9]{0,8})$"
        }
        return form
    }

    private static func uint32(_ direction: Direction) -> JSONObject {
        var form: JSONObject = ["type": "integer", "format": "uint32", "minimum": 0]
        if direction == .request {
            form["type"] = ["integer", "string"]
            form["maximum"] = .integer(Int64(UInt32.max))
            form["pattern"] = "^(0|[1-9][0-9]{0,8})$"
        }
        return form
    }

    /// 64 bits are text in answers, since numbers of JavaScript have 53.
    private static func wide(_ format: String, _ pattern: JSONValue, _ direction: Direction) -> JSONObject {
        var form: JSONObject = ["type": "string", "format": .string(format), "pattern": pattern]
        if direction == .request {
            form["type"] = ["string", "integer"]
            if format == "uint64" { form["minimum"] = 0 }
        }
        return form
    }

    private static func floating(_ format: String) -> JSONObject {
        [
            "anyOf": [
                ["type": "number", "format": .string(format)],
                ["type": "string", "enum": specialNumbers],
            ]
        ]
    }

    /// Keys of a map, all text in JSON; nil where any text will do.
    static func propertyNames(_ key: FieldKind) -> JSONObject? {
        switch key {
        case .bool: ["enum": ["true", "false"]]
        case .int32, .sint32, .sfixed32, .int64, .sint64, .sfixed64: ["pattern": integerPattern]
        case .uint32, .fixed32, .uint64, .fixed64: ["pattern": unsignedPattern]
        default: nil
        }
    }

    /// A value that is text as a part of a path or query.
    static func parameter(_ kind: FieldKind) -> JSONObject? {
        switch kind {
        case .int32, .sint32, .sfixed32:
            [
                "type": "integer", "format": "int32", "minimum": .integer(Int64(Int32.min)),
                "maximum": .integer(Int64(Int32.max)),
            ]
        case .uint32, .fixed32:
            ["type": "integer", "format": "uint32", "minimum": 0, "maximum": .integer(Int64(UInt32.max))]
        case .int64, .sint64, .sfixed64:
            ["type": "integer", "format": "int64", "minimum": .integer(.min), "maximum": .integer(.max)]
        case .uint64, .fixed64: ["type": "integer", "format": "uint64", "minimum": 0]
        default: form(kind, .request)
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}
