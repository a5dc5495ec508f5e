import ProtobufSchema

/// Which fields a query has one by one, as the runtime's `QueryShape`: messages and maps.
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

    /// Whether the fields of `message` are more than single values, `except` left alone.
    static func isNeeded(_ message: MessageIndex, except: FieldIndex?, _ schema: Schema) -> Bool {
        !schema.wellKnownType(of: message).hasOwnForm
            && schema.fields(of: message).contains { index in
                let field = schema[index]
                return index != except && canBeInQuery(field, schema)
                    && (field.cardinality == .map || isExpandable(field, schema))
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
            source.block("const \(name): QueryShape = new Map<string, \"map\" | (() => QueryShape)>([", "]);") {
                source in
                for index in schema.fields(of: message) {
                    let field = schema[index]
                    let key = TypeScriptText.quoted(messages.jsonName(of: field))
                    if field.cardinality == .map {
                        source.line("[\(key), \"map\"],")
                    } else if QueryShapes.isExpandable(field, schema), let child = field.childMessage,
                        let shape = names[child]
                    {
                        source.line("[\(key), () => \(shape)],")
                    }
                }
            }
        }
    }
}
