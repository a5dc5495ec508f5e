import HTTPRules
import ProtobufSchema

/// What every part of the document is made from.
struct Catalog: Sendable {
    let schema: Schema
    let notes: DescriptorNotes
    let options: OpenAPIOptions
    let names: ComponentNames
    let reach: TypeReach
    /// Of which there can be no example.
    let endless: EndlessMessages

    init(_ schema: Schema, _ routes: [Route], _ notes: DescriptorNotes, _ options: OpenAPIOptions) {
        self.schema = schema
        self.notes = notes
        self.options = options
        reach = TypeReach(schema, routes)
        names = ComponentNames(schema, reach)
        endless = EndlessMessages(reach.allMessages, schema) { field in
            field.cardinality == .required || Catalog.note(of: field, schema, notes).isRequired
        }
    }

    /// What the set says of a field.
    func note(of field: FieldInfo) -> DescriptorNotes.FieldNote { Catalog.note(of: field, schema, notes) }

    private static func note(
        of field: FieldInfo,
        _ schema: Schema,
        _ notes: DescriptorNotes
    ) -> DescriptorNotes.FieldNote {
        if field.name.hasPrefix("["), field.name.hasSuffix("]") {
            return notes.extensions[String(field.name.dropFirst().dropLast())] ?? DescriptorNotes.FieldNote()
        }
        return notes.messages[schema.name(of: field.message)]?.fields[field.number] ?? DescriptorNotes.FieldNote()
    }

    /// The fields of a message in order of declaration, extensions behind its own.
    func fields(of message: MessageIndex) -> [FieldInfo] {
        let fields = schema.fields(of: message).map { schema[$0] }
        let keyed = fields.map { field in (field, field.name.hasPrefix("[") ? Int.max : note(of: field).order) }
        return keyed.enumerated()
            .sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }
            .map(\.element.0)
    }

    /// What JSON calls a field.
    func name(of field: FieldInfo) -> String { options.usesOriginalNames ? field.name : field.jsonName }

    /// Whether answers have the field whatever it holds.
    func isAlwaysAnswered(_ field: FieldInfo) -> Bool {
        switch field.cardinality {
        case .required: true
        case .explicit: false
        case .implicit, .repeated, .packed, .map: !options.omitsDefaults
        }
    }

    /// Whether a request without the field is refused.
    func isRequiredInRequests(_ field: FieldInfo) -> Bool {
        field.cardinality == .required || note(of: field).isRequired
    }

    /// Whether an answer that is this field alone is null where the field is absent.
    ///
    /// As the gateway prints it: an absent message has its defaults, unless its own form would claim something.
    func isNullWhenAbsent(_ field: FieldInfo) -> Bool {
        guard field.cardinality == .explicit else { return false }
        guard let message = field.childMessage else { return true }
        return schema.wellKnownType(of: message).hasOwnForm || requiresFields(message)
    }

    private func requiresFields(_ message: MessageIndex) -> Bool {
        schema.fields(of: message).contains { schema[$0].cardinality == .required }
    }
}
