package import ProtobufSchema

extension Route {
    /// Whether the request's content goes into a `google.api.HttpBody` as it is, whatever its type.
    package func takesHTTPBody(_ schema: Schema) -> Bool {
        switch body {
        case .none: false
        case .message: schema.isHTTPBody(input)
        case .field(let field): Route.isHTTPBody(field, in: schema)
        }
    }

    /// Whether the answer is the bytes of a `google.api.HttpBody` instead of JSON.
    package func answersHTTPBody(_ schema: Schema) -> Bool {
        guard let responseBody else { return schema.isHTTPBody(output) }
        return Route.isHTTPBody(responseBody, in: schema)
    }

    private static func isHTTPBody(_ field: FieldIndex, in schema: Schema) -> Bool {
        let field = schema[field]
        // A group has the message's name but not its form on the wire.
        guard field.cardinality.isSingular, field.kind == .message, let type = field.childMessage else { return false }
        return schema.isHTTPBody(type)
    }
}

extension Schema {
    /// Whether `message` is `google.api.HttpBody`, with a content type (1) and data (2) as there.
    package func isHTTPBody(_ message: MessageIndex) -> Bool {
        guard name(of: message) == "google.api.HttpBody" else { return false }
        let fields = fields(of: message).map { self[$0] }
        return [(1, FieldKind.string), (2, .bytes)].allSatisfy { number, kind in
            fields.contains { $0.number == number && $0.kind == kind && $0.cardinality.isSingular }
        }
    }
}
