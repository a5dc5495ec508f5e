import HTTPRules
import OpenAPI
import ProtobufSchema

/// Writes the types of messages.
struct MessageEmitter {
    let schema: Schema
    let notes: DescriptorNotes
    let types: TypeExpressions

    /// The members of TypeScript's `Object`.
    private static let inherited: Set<String> = [
        "constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf",
        "propertyIsEnumerable",
    ]

    /// Writes a message in the form that it has in one direction.
    ///
    /// Members of a oneof stand apart: at most one of them is there. Only where a field is called as a member of all
    /// objects they are optional ones like others.
    func emit(_ message: MessageIndex, _ direction: Direction, to source: inout SourceText) {
        let name = types.names.name(of: message, direction)
        let note = notes.messages[schema.name(of: message)]
        let fields = ordered(message, note)
        var comment = DocComment(note?.note.comment.text, isDeprecated: note?.note.isDeprecated == true)
        if comment.isEmpty { comment.add("`\(schema.name(of: message))`.", isOwn: true) }
        source.line()
        source.comment(comment)
        guard !fields.isEmpty else {
            source.line("export type \(name) = Record<string, never>;")
            return
        }
        let single = fields.filter { $0.oneof == nil }
        let oneofs = Dictionary(grouping: fields.filter { $0.oneof != nil }) { $0.oneof ?? 0 }
            .sorted { $0.key < $1.key }
        // An intersection asks a member of each of its parts, and the others have what they inherit from `Object`.
        guard !oneofs.isEmpty, !fields.contains(where: hidesInherited) else {
            source.block("export interface \(name) {") { emit(fields, note, direction, to: &$0) }
            return
        }
        let absent = direction == .request ? ", null" : ""
        source.line("export type \(name) = {")
        emitIndented(single, note, direction, to: &source)
        source.line("} & AtMostOne<{")
        for (position, group) in oneofs.enumerated() {
            if position > 0 { source.line("}\(absent)> & AtMostOne<{") }
            emitIndented(group.value, note, direction, isRequired: true, to: &source)
        }
        source.line("}\(absent)>;")
    }

    private func emitIndented(
        _ fields: [FieldInfo],
        _ note: DescriptorNotes.MessageNote?,
        _ direction: Direction,
        isRequired: Bool = false,
        to source: inout SourceText
    ) {
        source.indented { emit(fields, note, direction, isRequired: isRequired, to: &$0) }
    }

    private func emit(
        _ fields: [FieldInfo],
        _ note: DescriptorNotes.MessageNote?,
        _ direction: Direction,
        isRequired: Bool = false,
        to source: inout SourceText
    ) {
        for field in fields {
            let fieldNote = self.note(of: field, note)
            source.comment(
                DocComment(fieldNote?.note.comment.text, isDeprecated: fieldNote?.note.isDeprecated == true)
            )
            let name = TypeScriptText.memberName(jsonName(of: field))
            let type = types.type(of: field, direction)
            let isAlwaysThere = isRequired || isPresent(field, fieldNote, direction)
            // Null is as good as nothing in a request, but for what may be null itself.
            let isNullable = direction == .request && !isAlwaysThere && type != "null" && type != "JsonValue"
            source.line("\(name)\(isAlwaysThere ? "" : "?"): \(type)\(isNullable ? " | null" : "");")
        }
    }

    /// Whether answers always have the field, or requests must have it.
    private func isPresent(
        _ field: FieldInfo,
        _ note: DescriptorNotes.FieldNote?,
        _ direction: Direction
    ) -> Bool {
        switch (direction, field.cardinality) {
        case (_, .required): true
        case (.request, _): note?.isRequired == true
        case (.answer, .explicit): false
        case (.answer, .implicit), (.answer, .repeated), (.answer, .packed), (.answer, .map):
            !types.options.omitsDefaults
        }
    }

    /// Whether requests must have the field.
    func isRequired(_ field: FieldInfo) -> Bool {
        field.cardinality == .required
            || note(of: field, notes.messages[schema.name(of: field.message)])?.isRequired == true
    }

    /// Whether the field is called as a member that every object has.
    func hidesInherited(_ field: FieldInfo) -> Bool { MessageEmitter.inherited.contains(jsonName(of: field)) }

    func jsonName(of field: FieldInfo) -> String {
        types.options.usesOriginalNames ? field.name : field.jsonName
    }

    /// What paths and queries call the field.
    ///
    /// That is its JSON name, but where one has dots or brackets of its own and only the other name can be told from a
    /// path.
    func parameterName(of field: FieldInfo) -> String {
        let name = jsonName(of: field)
        return name.contains(".") || name.contains("[") ? field.name : name
    }

    private func note(of field: FieldInfo, _ note: DescriptorNotes.MessageNote?) -> DescriptorNotes.FieldNote? {
        guard field.name.hasPrefix("[") else { return note?.fields[field.number] }
        return notes.extensions[String(field.name.dropFirst().dropLast())]
    }

    /// In order of declaration, extensions last.
    private func ordered(_ message: MessageIndex, _ note: DescriptorNotes.MessageNote?) -> [FieldInfo] {
        let fields = schema.fields(of: message).map { schema[$0] }
        func place(_ field: FieldInfo) -> Int {
            field.name.hasPrefix("[") ? .max : note?.fields[field.number]?.order ?? .max
        }
        return fields.enumerated()
            .sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
            .map(\.element)
    }
}
