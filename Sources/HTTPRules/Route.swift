package import ProtobufSchema

/// One HTTP binding of a gRPC method, checked against the schema.
///
/// A class, so that looking one up costs a reference and not a copy of all of its parts.
package final class Route: Sendable {
    /// A variable of the path.
    package struct Variable: Hashable, Sendable {
        /// From the request message down to the field that gets the value: a scalar, an enum, or a well-known type
        /// whose JSON form is a string or a wrapped scalar.
        package let fieldPath: [FieldIndex]
        /// Whether it may hold slashes; then `%2F` stays encoded.
        package let isMultiSegment: Bool
    }

    package let httpMethod: HTTPMethod
    package let httpMethodName: String
    package let template: PathTemplate
    /// In the order of ``PathCaptures``.
    package let variables: [Variable]
    package let body: BodyBinding
    /// The field of the response that is answered, nil for all of it.
    package let responseBody: FieldIndex?

    /// Full name of the service, `pkg.Service`.
    package let service: String
    /// Name of the gRPC method within it.
    package let method: String
    package let input: MessageIndex
    package let output: MessageIndex
    package let isServerStreaming: Bool
    package let idempotency: ServiceDescriptor.Idempotency
    /// The `:path` of the gRPC call, `/pkg.Service/Method`.
    package let grpcPath: String

    /// Whether a call may be sent again although the service may have seen it.
    package var isSafeToRepeat: Bool { idempotency == .noSideEffects }

    init(
        httpMethod: (HTTPMethod, String),
        template: PathTemplate,
        variables: [Variable],
        body: BodyBinding,
        responseBody: FieldIndex?,
        service: String,
        method: ServiceDescriptor.Method
    ) {
        (self.httpMethod, httpMethodName) = httpMethod
        self.template = template
        self.variables = variables
        self.body = body
        self.responseBody = responseBody
        self.service = service
        self.method = method.name
        input = method.input
        output = method.output
        isServerStreaming = method.isServerStreaming
        idempotency = method.idempotency
        grpcPath = "/\(service)/\(method.name)"
    }
}
