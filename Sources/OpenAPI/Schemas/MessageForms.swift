import ProtobufSchema

/// JSON schemas of messages, fields and enums.
struct MessageForms {
    private let catalog: Catalog
    private var schema: Schema { catalog.schema }

    init(_ catalog: Catalog) {
        self.catalog = catalog
    }

    /// The component that a name refers to.
    static func reference(_ name: String) -> JSONObject { ["$ref": .string("#/components/schemas/\(name)")] }

    // MARK: Messages

    /// A whole message as an object of its fields, without those that `omitted` has.
    func message(_ index: MessageIndex, _ direction: Direction, omitting omitted: Set<FieldIndex> = []) -> JSONObject {
        let fullName = schema.name(of: index)
        let note = catalog.notes.messages[fullName] ?? DescriptorNotes.MessageNote()
        var form: JSONObject = ["title": .string(ComponentNames.short(fullName))]
        if !note.note.comment.isEmpty { form["description"] = .string(note.note.comment.text) }
        if note.note.isDeprecated { form["deprecated"] = true }
        form["type"] = "object"
        form["x-protobuf-type"] = .string(fullName)
        var properties = JSONObject()
        var required: [JSONValue] = []
        var oneofs: [Int: [String]] = [:]
        for field in catalog.fields(of: index) where !omitted.contains(field.index) {
            let name = catalog.name(of: field)
            properties[name] = .object(property(field, direction))
            let isThere = direction == .answer ? catalog.isAlwaysAnswered(field) : catalog.isRequiredInRequests(field)
            if isThere { required.append(.string(name)) }
            if let oneof = field.oneof { oneofs[oneof, default: []].append(name) }
        }
        if !properties.isEmpty { form["properties"] = .object(properties) }
        if !required.isEmpty { form["required"] = .array(required) }
        if direction == .request, !catalog.options.ignoresUnknownFields { form["additionalProperties"] = false }
        add(oneofs, note, to: &form)
        return form
    }

    /// At most one member of each oneof is there.
    private func add(_ oneofs: [Int: [String]], _ note: DescriptorNotes.MessageNote, to form: inout JSONObject) {
        var groups: [JSONValue] = []
        var conditions: [JSONValue] = []
        for (place, members) in oneofs.sorted(by: { $0.key < $1.key }) {
            var group: JSONObject = [:]
            if note.oneofs.indices.contains(place) {
                group["name"] = .string(note.oneofs[place].name)
                let comment = note.oneofs[place].note.comment
                if !comment.isEmpty { group["description"] = .string(comment.text) }
            }
            group["members"] = .array(members.map { .string($0) })
            groups.append(.object(group))
            guard members.count > 1 else { continue }
            let each: [JSONValue] = members.map { ["required": [.string($0)]] }
            conditions.append(["oneOf": .array(each + [["not": ["anyOf": .array(each)]]])])
        }
        if groups.isEmpty { return }
        form["x-oneofs"] = .array(groups)
        if !conditions.isEmpty { form["allOf"] = .array(conditions) }
    }

    // MARK: Fields

    /// A field of a message, with what its declaration says.
    func property(_ field: FieldInfo, _ direction: Direction) -> JSONObject {
        let note = catalog.note(of: field)
        var form = content(field, direction)
        if direction == .request { constrain(&form, field, note) }
        // JSON null stands for an absent field, wherever absence is allowed.
        if direction == .request, !catalog.isRequiredInRequests(field) { form = MessageForms.nullable(form) }
        if !note.note.comment.isEmpty { form["description"] = .string(note.note.comment.text) }
        if note.note.isDeprecated { form["deprecated"] = true }
        if note.isOutputOnly { form["readOnly"] = true }
        if let value = defaultValue(field, note) { form["default"] = value }
        let examples = ExampleValues(catalog).declared(field, direction)
        if let examples { form["examples"] = [examples] }
        return form
    }

    /// What the declaration demands of a value: a required field without presence must hold something else than its
    /// default.
    func constrain(_ form: inout JSONObject, _ field: FieldInfo, _ note: DescriptorNotes.FieldNote) {
        if let pattern = note.pattern, field.kind == .string, field.cardinality.isSingular {
            form["pattern"] = .string(note.isRequired ? pattern : "^$|\(pattern)")
        }
        guard note.isRequired else { return }
        switch field.cardinality {
        case .implicit where field.kind == .string || field.kind == .bytes: form["minLength"] = 1
        case .implicit where field.kind == .enumeration:
            guard let child = field.childEnum else { return }
            // A name that is passed over leaves the field empty.
            if catalog.options.ignoresUnknownFields { form = parameter(child) }
            let names = schema[child].values.filter { $0.number == 0 }.map { JSONValue.string($0.name) }
            form["not"] = ["enum": .array(names + [0])]
        case .repeated, .packed: form["minItems"] = 1
        case .map: form["minProperties"] = 1
        default: break
        }
    }

    /// The default that proto2 gives a field, where it is plain.
    private func defaultValue(_ field: FieldInfo, _ note: DescriptorNotes.FieldNote) -> JSONValue? {
        guard let text = note.defaultText, field.cardinality.isSingular, field.kind != .bytes else { return nil }
        return ExampleValues(catalog).scalar(text, field, .answer)
    }

    /// All values of a field, without the declaration's words.
    func content(_ field: FieldInfo, _ direction: Direction) -> JSONObject {
        switch field.cardinality {
        case .implicit, .explicit, .required:
            return value(field, direction)
        case .repeated, .packed:
            return ["type": "array", "items": .object(value(field, direction))]
        case .map:
            guard let key = schema.mapKey(of: field), let element = schema.mapValue(of: field) else { return [:] }
            var form: JSONObject = ["type": "object"]
            if let names = ScalarForms.propertyNames(key.kind) { form["propertyNames"] = .object(names) }
            form["additionalProperties"] = .object(value(element, direction))
            return form
        }
    }

    /// One value of a field.
    private func value(_ field: FieldInfo, _ direction: Direction) -> JSONObject {
        if let child = field.childMessage { return reference(child, direction) }
        if let child = field.childEnum { return enumeration(child, direction) }
        return ScalarForms.form(field.kind, direction) ?? [:]
    }

    /// A message where another one holds it.
    func reference(_ message: MessageIndex, _ direction: Direction) -> JSONObject {
        if let form = WellKnownForms.form(schema.wellKnownType(of: message), direction) { return form }
        return catalog.names[message, direction].map(MessageForms.reference) ?? ["type": "object"]
    }

    func enumeration(_ index: EnumIndex, _ direction: Direction) -> JSONObject {
        if schema[index].isNullValue {
            return direction == .answer ? ["type": "null"] : ["enum": [.null, "NULL_VALUE", 0]]
        }
        return catalog.names[index, direction].map(MessageForms.reference) ?? ["type": "string"]
    }

    /// The same, or null.
    static func nullable(_ form: JSONObject) -> JSONObject {
        var form = form
        switch form["type"] {
        case .string(let type):
            if type != "null" { form["type"] = [.string(type), "null"] }
            return form
        case .array(let types):
            form["type"] = .array(types + ["null"])
            return form
        default: break
        }
        if var choices = form["anyOf"]?.array {
            choices.append(["type": "null"])
            form["anyOf"] = .array(choices)
            return form
        }
        // `Value` takes null as it is.
        return form["$ref"] == nil ? form : ["anyOf": [.object(form), ["type": "null"]]]
    }
}

// MARK: - Enums

extension MessageForms {
    /// The component of an enum: its names, or its numbers where answers have those.
    func component(_ index: EnumIndex, _ direction: Direction) -> JSONObject {
        let info = schema[index]
        let note = catalog.notes.enums[info.fullName] ?? DescriptorNotes.EnumNote()
        let title = ComponentNames.short(info.fullName)
        if direction == .request { return input(index, title, note) }
        var form = JSONObject()
        if catalog.options.printsEnumsAsNumbers {
            form["type"] = "integer"
            form["format"] = "int32"
            var seen: Set<Int32> = []
            let values = info.values.filter { seen.insert($0.number).inserted }
            form["enum"] = .array(values.map { .integer(Int64($0.number)) })
            form["x-enum-varnames"] = .array(values.map { .string($0.name) })
        } else {
            form["type"] = "string"
            form["enum"] = .array(info.values.map { .string($0.name) })
        }
        add(note, info, to: &form)
        var whole = words(title, note, info)
        guard !info.isClosed else {
            for (key, value) in form.members { whole[key] = value }
            return whole
        }
        whole["anyOf"] = [.object(form), MessageForms.newerValue]
        return whole
    }

    /// What an open enum may hold besides its own values.
    private static let newerValue: JSONValue = [
        "type": "integer", "format": "int32",
        "description": "The number of a value that this document does not know yet.",
    ]

    private func words(_ title: String, _ note: DescriptorNotes.EnumNote, _ info: EnumInfo) -> JSONObject {
        var form: JSONObject = ["title": .string(title)]
        if !note.note.comment.isEmpty { form["description"] = .string(note.note.comment.text) }
        if note.note.isDeprecated { form["deprecated"] = true }
        form["x-protobuf-type"] = .string(info.fullName)
        return form
    }

    private func add(_ note: DescriptorNotes.EnumNote, _ info: EnumInfo, to form: inout JSONObject) {
        var descriptions = JSONObject()
        var deprecated: [JSONValue] = []
        for value in info.values {
            guard let known = note.values[value.name] else { continue }
            if !known.comment.isEmpty { descriptions[value.name] = .string(known.comment.text) }
            if known.isDeprecated { deprecated.append(.string(value.name)) }
        }
        if !descriptions.isEmpty { form["x-enum-descriptions"] = .object(descriptions) }
        if !deprecated.isEmpty { form["x-enum-deprecated"] = .array(deprecated) }
    }

    /// An enum in a path or query, where an unknown name is an error in any case.
    func parameter(_ index: EnumIndex) -> JSONObject {
        let info = schema[index]
        guard catalog.options.ignoresUnknownFields || info.isNullValue else { return enumeration(index, .request) }
        return [
            "anyOf": [
                ["type": "string", "enum": .array(info.values.map { .string($0.name) })], .object(number(info)),
            ]
        ]
    }

    /// An open enum takes every number; what is of use are those that have a name.
    private func number(_ info: EnumInfo) -> JSONObject {
        var seen: Set<Int32> = []
        let numbers = info.values.filter { seen.insert($0.number).inserted }
        return [
            "type": "integer", "format": "int32", "description": "The value's number.",
            "enum": .array(numbers.map { .integer(Int64($0.number)) }),
        ]
    }

    /// Requests may say the number instead.
    private func input(_ index: EnumIndex, _ title: String, _ note: DescriptorNotes.EnumNote) -> JSONObject {
        let info = schema[index]
        var form: JSONObject = ["title": .string(title)]
        if !note.note.comment.isEmpty { form["description"] = .string(note.note.comment.text) }
        var names: JSONObject
        // What is answered may be more than what is of use in a request.
        if catalog.options.printsEnumsAsNumbers || !info.isClosed {
            names = ["type": "string", "enum": .array(info.values.map { .string($0.name) })]
            add(note, info, to: &names)
        } else {
            names = catalog.names[index, .answer].map(MessageForms.reference) ?? ["type": "string"]
        }
        var choices: [JSONValue] = [.object(names)]
        if catalog.options.ignoresUnknownFields {
            choices.append(["type": "string", "description": "A name that the gateway does not know is passed over."])
        }
        form["anyOf"] = .array(choices + [.object(number(info))])
        return form
    }
}
