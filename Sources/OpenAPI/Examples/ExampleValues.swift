import ProtobufSchema

/// Examples of what fields hold: what the `.proto` file gives, or else something of the right type.
struct ExampleValues {
    private let catalog: Catalog
    private var schema: Schema { catalog.schema }

    init(_ catalog: Catalog) {
        self.catalog = catalog
    }

    /// The example that the field's option gives; nil where there is none, or none of the field's type.
    func declared(_ field: FieldInfo, _ direction: Direction) -> JSONValue? {
        let texts = catalog.note(of: field).examples
        guard let first = texts.first else { return nil }
        switch field.cardinality {
        case .implicit, .explicit, .required:
            return scalar(first, field, direction)
        case .repeated, .packed:
            let values = texts.compactMap { scalar($0, field, direction) }
            return values.count == texts.count ? .array(values) : nil
        case .map:
            return map(texts, field, direction)
        }
    }

    /// Entries as `key=value`.
    private func map(_ texts: [String], _ field: FieldInfo, _ direction: Direction) -> JSONValue? {
        guard let key = schema.mapKey(of: field), let value = schema.mapValue(of: field) else { return nil }
        var object = JSONObject()
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, ExampleText.value(parts[0], key.kind, direction) != nil,
                let element = scalar(parts[1], value, direction)
            else { return nil }
            object[parts[0]] = element
        }
        return .object(object)
    }

    /// One value of the field from text; nil where the text is none of its type.
    func scalar(_ text: String, _ field: FieldInfo, _ direction: Direction) -> JSONValue? {
        if let message = field.childMessage {
            return ExampleText.value(text, schema.wellKnownType(of: message), direction)
        }
        if let child = field.childEnum {
            return schema[child].values.first { $0.name == text }.map { enumValue($0, direction) }
        }
        return ExampleText.value(text, field.kind, direction)
    }

    private func enumValue(_ value: (name: String, number: Int32), _ direction: Direction) -> JSONValue {
        direction == .answer && catalog.options.printsEnumsAsNumbers
            ? .integer(Int64(value.number)) : .string(value.name)
    }

    /// Something that a value of the field may be; nil for a message of fields.
    func invented(_ field: FieldInfo, _ direction: Direction) -> JSONValue? {
        if let message = field.childMessage { return invented(schema.wellKnownType(of: message)) }
        if let child = field.childEnum {
            let info = schema[child]
            if info.isNullValue { return .null }
            let value = info.values.first { $0.number != 0 } ?? info.values.first
            return value.map { enumValue($0, direction) }
        }
        return ExampleValues.invented(field.kind)
    }

    static func invented(_ kind: FieldKind) -> JSONValue? {
        switch kind {
        case .string: "string"
        case .bool: true
        case .bytes: "aGVsbG8="
        case .int32, .sint32, .sfixed32, .uint32, .fixed32: 1
        case .int64, .sint64, .sfixed64, .uint64, .fixed64: "1"
        case .double, .float: .number(0.5)
        case .enumeration, .message, .group: nil
        }
    }

    func invented(_ type: WellKnownType) -> JSONValue? {
        if let kind = WellKnownForms.boxedKind(type) { return ExampleValues.invented(kind) }
        switch type {
        case .any: return any
        case .timestamp: return "2026-01-31T23:59:59Z"
        case .duration: return "1.500s"
        case .fieldMask: return "name"
        case .structure: return ["key": "value"]
        case .value: return "value"
        case .listValue: return ["value"]
        default: return nil
        }
    }

    /// A message of a type that the schema knows, since of others nothing can be said in JSON.
    private var any: JSONValue {
        if schema.message(named: "google.rpc.ErrorInfo") != nil {
            return [
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "OUT_OF_STOCK", "domain": "example.com",
                "metadata": [:],
            ]
        }
        guard schema.message(named: "google.protobuf.StringValue") != nil else { return [:] }
        return ["@type": "type.googleapis.com/google.protobuf.StringValue", "value": "text"]
    }

    /// A key of a map, as JSON has it.
    static func key(_ kind: FieldKind) -> String {
        switch kind {
        case .bool: "true"
        case .string: "key"
        default: "1"
        }
    }

    /// A value in a path or query.
    func parameter(_ field: FieldInfo) -> JSONValue? {
        let value = declared(field, .request) ?? invented(field, .request)
        switch field.kind {
        case .int64, .sint64, .sfixed64: return value?.string.flatMap { Int64($0) }.map { .integer($0) } ?? value
        case .uint64, .fixed64: return value?.string.flatMap { Int64($0) }.map { .integer($0) } ?? 1
        default: break
        }
        if field.cardinality == .repeated || field.cardinality == .packed, value?.array == nil {
            return value.map { .array([$0]) }
        }
        return value
    }
}
