import ProtobufSchema

/// Builds examples of whole messages, bounded whatever the types look like.
struct ExampleBuilder {
    /// Messages in one example: enough to see how the type is meant, where types refer to one another without end.
    private static let maximumMessages = 12

    private let catalog: Catalog
    private let values: ExampleValues
    private let direction: Direction
    private var remaining = ExampleBuilder.maximumMessages
    /// The messages around the one being made.
    private var open: Set<MessageIndex> = []
    private var schema: Schema { catalog.schema }

    init(_ catalog: Catalog, _ direction: Direction) {
        self.catalog = catalog
        values = ExampleValues(catalog)
        self.direction = direction
    }

    /// A message in its JSON form, without the fields that `omitted` has.
    mutating func message(_ index: MessageIndex, omitting omitted: Set<FieldIndex> = []) -> JSONValue {
        if let value = values.invented(schema.wellKnownType(of: index)) { return value }
        open.insert(index)
        defer { open.remove(index) }
        remaining -= 1
        var object = JSONObject()
        var oneofs: Set<Int> = []
        for field in catalog.fields(of: index) where !omitted.contains(field.index) {
            if let oneof = field.oneof, oneofs.contains(oneof) { continue }
            guard let value = member(field) else { continue }
            object[catalog.name(of: field)] = value
            if let oneof = field.oneof { oneofs.insert(oneof) }
        }
        return .object(object)
    }

    /// The field's value, nil where the example does without it.
    private mutating func member(_ field: FieldInfo) -> JSONValue? {
        let note = catalog.note(of: field)
        let isNeeded =
            direction == .answer ? catalog.isAlwaysAnswered(field) : catalog.isRequiredInRequests(field)
        if !isNeeded, note.note.isDeprecated || note.isAbsentInExamples || isClosed(field) { return nil }
        if direction == .request, note.isOutputOnly, !isNeeded { return nil }
        if note.isAbsentInExamples, field.cardinality == .implicit { return ExampleBuilder.empty(field, schema) }
        return value(of: field)
    }

    /// Whether the field leads back to a message that is open, or there have been enough of them.
    private func isClosed(_ field: FieldInfo) -> Bool {
        let leaf = field.cardinality == .map ? schema.mapValue(of: field) ?? field : field
        guard let message = leaf.childMessage, !schema.wellKnownType(of: message).hasOwnForm else { return false }
        return open.contains(message) || remaining <= 0 || catalog.endless.contains(message)
    }

    /// All values of a field, whatever is said of examples without it.
    mutating func value(of field: FieldInfo) -> JSONValue {
        if let declared = values.declared(field, direction) { return declared }
        let isAbsent = catalog.note(of: field).isAbsentInExamples
        switch field.cardinality {
        case .implicit, .explicit, .required:
            return isClosed(field) ? [:] : element(field)
        case .repeated, .packed:
            return isAbsent || isClosed(field) ? [] : .array([element(field)])
        case .map:
            guard !isAbsent, !isClosed(field), let key = schema.mapKey(of: field),
                let value = schema.mapValue(of: field)
            else { return [:] }
            var object = JSONObject()
            object[ExampleValues.key(key.kind)] = element(value)
            return .object(object)
        }
    }

    private mutating func element(_ field: FieldInfo) -> JSONValue {
        if let value = values.declared(field, direction)?.first ?? values.invented(field, direction) { return value }
        guard let child = field.childMessage else { return .null }
        return message(child)
    }

    /// What a field without presence holds where nobody set it.
    private static func empty(_ field: FieldInfo, _ schema: Schema) -> JSONValue? {
        switch field.kind {
        case .string, .bytes: return ""
        case .bool: return false
        case .int32, .sint32, .sfixed32, .uint32, .fixed32, .double, .float: return 0
        case .int64, .sint64, .sfixed64, .uint64, .fixed64: return "0"
        case .enumeration, .message, .group: return nil
        }
    }
}

extension JSONValue {
    /// The first element of an array, anything else itself.
    fileprivate var first: JSONValue? {
        guard let array else { return self }
        return array.first
    }
}
