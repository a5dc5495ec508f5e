import HTTPRules
import ProtobufSchema

/// The parameters of an operation in path and query.
struct ParameterForms {
    private let catalog: Catalog
    private let values: ExampleValues
    private var schema: Schema { catalog.schema }

    init(_ catalog: Catalog) {
        self.catalog = catalog
        values = ExampleValues(catalog)
    }

    // MARK: Path

    /// `name` is what the path calls it.
    func path(_ parameter: PathForm.Parameter, name: String) -> JSONValue {
        var form: JSONObject = ["name": .string(name), "in": "path", "required": true]
        let field = parameter.variable?.fieldPath.last.map { schema[$0] }
        var words: [String] = []
        if let field {
            let comment = catalog.note(of: field).note.comment
            if !comment.isEmpty { words.append(comment.text) }
        }
        if let whole = parameter.whole, let variable = parameter.variable {
            words.append("Part of `\(dotted(variable.fieldPath))`, which is `\(whole)`.")
        }
        if parameter.holdsSlashes { words.append("May have slashes, which stay as they are.") }
        if !words.isEmpty { form["description"] = .string(words.joined(separator: "\n\n")) }
        if let field, catalog.note(of: field).note.isDeprecated { form["deprecated"] = true }
        let isWhole = parameter.whole == nil && !parameter.holdsSlashes
        if isWhole, let field, var leaf = leafForm(field) {
            MessageForms(catalog).constrain(&leaf, field, catalog.note(of: field))
            if leaf["type"] == "string", leaf["format"] == nil, leaf["pattern"] == nil { leaf["minLength"] = 1 }
            form["schema"] = .object(leaf)
        } else {
            form["schema"] = parameter.holdsSlashes ? ["type": "string"] : ["type": "string", "minLength": 1]
        }
        if parameter.holdsSlashes { form["x-multi-segment"] = true }
        if let variable = parameter.variable { form["x-grpc-field"] = .string(protoPath(variable.fieldPath)) }
        form["example"] = example(parameter, field)
        return .object(form)
    }

    private func example(_ parameter: PathForm.Parameter, _ field: FieldInfo?) -> JSONValue {
        if parameter.whole == nil, !parameter.holdsSlashes, let field, let value = values.parameter(field) {
            return value
        }
        return parameter.holdsSlashes ? "a/b" : "1"
    }

    // MARK: Query

    /// All fields that the query can set, in order of declaration.
    func query(_ route: Route) -> (forms: [JSONValue], isCutShort: Bool) {
        let found = ParameterFields(schema, route)
        let keyed = found.fields.map { path in (path, path.map { catalog.note(of: schema[$0]).order }) }
        let ordered = keyed.enumerated().sorted { left, right in
            left.element.1 == right.element.1
                ? left.offset < right.offset : left.element.1.lexicographicallyPrecedes(right.element.1)
        }
        return (ordered.compactMap { query($0.element.0) }, found.isCutShort)
    }

    private func query(_ path: [FieldIndex]) -> JSONValue? {
        guard let field = path.last.map({ schema[$0] }) else { return nil }
        let note = catalog.note(of: field)
        var form: JSONObject = ["name": .string(dotted(path)), "in": "query"]
        // What is within a message need not be there if the message is not.
        if path.count == 1, catalog.isRequiredInRequests(field) { form["required"] = true }
        if !note.note.comment.isEmpty { form["description"] = .string(note.note.comment.text) }
        if note.note.isDeprecated { form["deprecated"] = true }
        switch field.cardinality {
        case .map:
            guard let value = schema.mapValue(of: field), let element = leafForm(value) else { return nil }
            form["style"] = "deepObject"
            form["explode"] = true
            var map: JSONObject = ["type": "object"]
            if let key = schema.mapKey(of: field), let names = ScalarForms.propertyNames(key.kind) {
                map["propertyNames"] = .object(names)
            }
            map["additionalProperties"] = .object(element)
            form["schema"] = .object(map)
        case .repeated, .packed:
            guard let element = leafForm(field) else { return nil }
            form["schema"] = ["type": "array", "items": .object(element)]
        case .implicit, .explicit, .required:
            guard var leaf = leafForm(field) else { return nil }
            if path.count == 1 { MessageForms(catalog).constrain(&leaf, field, note) }
            form["schema"] = .object(leaf)
        }
        if values.declared(field, .request) != nil { form["example"] = values.parameter(field) }
        return .object(form)
    }

    /// One value as text.
    private func leafForm(_ field: FieldInfo) -> JSONObject? {
        if let message = field.childMessage {
            let type = schema.wellKnownType(of: message)
            if let kind = WellKnownForms.boxedKind(type) { return ScalarForms.parameter(kind) }
            return type.isText ? WellKnownForms.form(type, .request) : nil
        }
        if let child = field.childEnum { return MessageForms(catalog).parameter(child) }
        return ScalarForms.parameter(field.kind)
    }

    /// By JSON names, but where one has dots or brackets of its own and only the other name can be told from a path.
    private func dotted(_ path: [FieldIndex]) -> String {
        path.map { index in
            let name = catalog.name(of: schema[index])
            return name.contains(".") || name.contains("[") ? schema[index].name : name
        }.joined(separator: ".")
    }

    private func protoPath(_ path: [FieldIndex]) -> String { path.map { schema[$0].name }.joined(separator: ".") }
}
