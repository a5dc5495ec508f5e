import ProtobufSchema

/// How a query has fields that are not just values, as the runtime's `QueryShape`.
///
/// These are messages and maps, and what the query calls by another name than JSON does.
struct QueryShapes {
    private let schema: Schema
    private let messages: MessageEmitter
    /// The names of the constants.
    private(set) var names: [MessageIndex: String] = [:]
    private var order: [MessageIndex] = []

    init(_ schema: Schema, _ messages: MessageEmitter) {
        self.schema = schema
        self.messages = messages
    }

    /// Whether the fields of `message` are more than values by their JSON names, `except` left alone.
    static func isNeeded(_ message: MessageIndex, except: FieldIndex?, _ messages: MessageEmitter) -> Bool {
        let schema = messages.schema
        return !schema.wellKnownType(of: message).hasOwnForm
            && schema.fields(of: message).contains { index in
                let field = schema[index]
                guard index != except, canBeInQuery(field, schema) else { return false }
                return field.cardinality == .map || isExpandable(field, schema)
                    || messages.parameterName(of: field) != messages.jsonName(of: field)
            }
    }

    /// Whether a query has a form for the field.
    static func canBeInQuery(_ field: FieldInfo, _ schema: Schema) -> Bool {
        if let value = schema.mapValue(of: field) { return canBeInQuery(value, schema) && !isExpandable(value, schema) }
        guard let child = field.childMessage else { return true }
        if field.kind == .group { return false }
        switch schema.wellKnownType(of: child) {
        case .none, .empty: return field.cardinality.isSingular
        case .any, .structure, .value, .listValue: return false
        default: return true
        }
    }

    private static func isExpandable(_ field: FieldInfo, _ schema: Schema) -> Bool {
        guard field.cardinality.isSingular, field.kind == .message, let child = field.childMessage else { return false }
        return !schema.wellKnownType(of: child).hasOwnForm
    }

    /// Adds the shape of a message, and those that it has within.
    mutating func add(_ message: MessageIndex, _ names: inout TypeNames) {
        var pending = [message]
        while let next = pending.popLast() {
            guard self.names[next] == nil else { continue }
            let last = schema.name(of: next).split(separator: ".").last.map(String.init) ?? ""
            self.names[next] = names.allocate("\(Identifier.lowerCamelCase(last))Query")
            order.append(next)
            for index in schema.fields(of: next) {
                let field = schema[index]
                if QueryShapes.isExpandable(field, schema), let child = field.childMessage { pending.append(child) }
            }
        }
    }

    func emit(to source: inout SourceText) {
        for message in order {
            guard let name = names[message] else { continue }
            source.line()
            source.block("const \(name): QueryShape = new Map<string, QueryField>([", "]);") { source in
                for index in schema.fields(of: message) {
                    if let entry = entry(schema[index]) { source.line(entry) }
                }
            }
        }
    }

    /// The element of a shape that says how a field goes into a query; nil for a value by its JSON name.
    private func entry(_ field: FieldInfo) -> String? {
        var members: [String] = []
        let (key, name) = (messages.jsonName(of: field), messages.parameterName(of: field))
        if name != key { members.append("name: \(TypeScriptText.quoted(name))") }
        if field.cardinality == .map {
            members.append("isMap: true")
        } else if QueryShapes.isExpandable(field, schema), let shape = field.childMessage.flatMap({ names[$0] }) {
            members.append("shape: () => \(shape)")
        }
        guard !members.isEmpty else { return nil }
        return "[\(TypeScriptText.quoted(key)), { \(members.joined(separator: ", ")) }],"
    }
}
