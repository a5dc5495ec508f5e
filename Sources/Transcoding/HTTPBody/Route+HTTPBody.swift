package import HTTPRules
package import ProtobufSchema

extension Route {
    /// Whether the request's content goes into a `google.api.HttpBody` as it is, whatever its type.
    package func takesHTTPBody(_ schema: Schema) -> Bool {
        switch body {
        case .none: false
        case .message: HTTPBody.isType(input, in: schema)
        case .field(let field): Route.isHTTPBody(field, in: schema)
        }
    }

    /// Whether the answer is the bytes of a `google.api.HttpBody` instead of JSON.
    package func answersHTTPBody(_ schema: Schema) -> Bool {
        guard let responseBody else { return HTTPBody.isType(output, in: schema) }
        return Route.isHTTPBody(responseBody, in: schema)
    }

    private static func isHTTPBody(_ field: FieldIndex, in schema: Schema) -> Bool {
        let field = schema[field]
        // A group has the message's name but not its form on the wire.
        guard field.cardinality.isSingular, field.kind == .message, let type = field.childMessage else { return false }
        return HTTPBody.isType(type, in: schema)
    }
}
