import HTTPRules
import ProtobufSchema

/// Makes the methods of clients out of routes.
struct OperationBuilder {
    let schema: Schema
    let types: TypeExpressions
    let messages: MessageEmitter

    func operation(_ route: Route, name: String) -> ClientOperation {
        let takesBytes = route.takesHTTPBody(schema)
        let body: String? =
            switch route.body {
            case .none: nil
            case .message: "*"
            case .field(let field): messages.jsonName(of: schema[field])
            }
        let request = requestType(route, takesBytes: takesBytes)
        let result = result(route)
        return ClientOperation(
            route: route,
            name: name,
            requestType: request.type,
            isRequestOptional: request.isOptional,
            hidesInherited: schema.fields(of: route.input).contains { messages.hidesInherited(schema[$0]) },
            result: result,
            paging: result == .bytes ? nil : paging(route),
            takesBytes: takesBytes,
            body: body,
            query: route.body != .message && QueryShapes.isNeeded(route.input, except: bodyField(route), messages)
                ? route.input : nil
        )
    }

    private func bodyField(_ route: Route) -> FieldIndex? {
        guard case .field(let field) = route.body else { return nil }
        return field
    }

    // MARK: Requests

    /// The request message, without what the query cannot have and with what the path needs.
    private func requestType(_ route: Route, takesBytes: Bool) -> (type: String, isOptional: Bool) {
        if takesBytes, route.body == .message { return ("RawBody", false) }
        guard !schema.wellKnownType(of: route.input).hasOwnForm else {
            return route.body == .message
                ? (types.type(of: route.input, .request), false) : ("Record<string, never>", true)
        }
        var type = types.type(of: route.input, .request)
        let fields = schema.fields(of: route.input).map { schema[$0] }
        var left = route.body == .message ? [] : fields.filter { !QueryShapes.canBeInQuery($0, schema) }
        var given: [String] = []
        if let field = bodyField(route) {
            left.removeAll { $0.index == field }
            if takesBytes {
                left.append(schema[field])
                given.append("{ \(TypeScriptText.memberName(messages.jsonName(of: schema[field])))?: RawBody }")
            }
        }
        let inPath = route.variables.compactMap { $0.fieldPath.first }.map { schema[$0] }
        left.removeAll { field in inPath.contains { $0.index == field.index } }
        if !left.isEmpty { type = "Omit<\(type), \(union(left))>" }
        if !given.isEmpty { type += " & " + given.joined(separator: " & ") }
        let needed = inPath.filter { !messages.isRequired($0) }
        if !needed.isEmpty { type = "Needs<\(type), \(union(needed))>" }
        let hasRequired = fields.contains { messages.isRequired($0) }
        return (type, inPath.isEmpty && !hasRequired && (fields.isEmpty || route.body == .none))
    }

    private func union(_ fields: [FieldInfo]) -> String {
        var names: [String] = []
        for field in fields {
            let name = TypeScriptText.quoted(messages.jsonName(of: field))
            if !names.contains(name) { names.append(name) }
        }
        return names.joined(separator: " | ")
    }

    // MARK: Answers

    private func result(_ route: Route) -> ClientOperation.Result {
        if route.httpMethod == .head { return .nothing }
        if route.answersHTTPBody(schema) { return .bytes }
        if let field = route.responseBody { return .json(types.bodyType(of: schema[field])) }
        return .json(types.type(of: route.output, .answer))
    }

    private func paging(_ route: Route) -> ClientOperation.Paging? {
        guard !route.isServerStreaming, route.responseBody == nil, route.httpMethod != .head,
            let token = singleString("page_token", in: route.input),
            let nextToken = singleString("next_page_token", in: route.output),
            !route.variables.contains(where: { $0.fieldPath.first == token.index }),
            bodyField(route) != token.index
        else { return nil }
        let lists = schema.fields(of: route.output).map { schema[$0] }.filter { field in
            field.cardinality == .repeated && field.kind.isMessage
        }
        var list: (String, String)?
        // Of several lists the one with the lowest number is what is listed.
        if let field = lists.first, let child = field.childMessage {
            list = (messages.jsonName(of: field), types.type(of: child, .answer))
        }
        return ClientOperation.Paging(
            token: messages.jsonName(of: token),
            nextToken: messages.jsonName(of: nextToken),
            list: list
        )
    }

    private func singleString(_ name: String, in message: MessageIndex) -> FieldInfo? {
        guard let index = schema.field(named: name, in: message) else { return nil }
        let field = schema[index]
        return field.kind == .string && field.cardinality.isSingular && field.oneof == nil ? field : nil
    }
}
