/// The answers that are errors: one schema, two media types, a component for each status.
enum ErrorAnswers {
    /// One status that operations are answered with.
    struct Status {
        let code: Int
        let name: String
        /// The reason phrase, as problem documents have it.
        let title: String
        let grpc: String
        let meaning: String
        let message: String
        var headers: [String] = []
    }

    static let all: [Status] = [
        Status(
            code: 400,
            name: "BadRequest",
            title: "Bad Request",
            grpc: "INVALID_ARGUMENT",
            meaning: """
                The request cannot be understood, or the service does not take it: `INVALID_ARGUMENT`, \
                `FAILED_PRECONDITION` or `OUT_OF_RANGE`. A `google.rpc.BadRequest` among the details names the fields.
                """,
            message: "a field has a value that it cannot have"
        ),
        Status(
            code: 401,
            name: "Unauthorized",
            title: "Unauthorized",
            grpc: "UNAUTHENTICATED",
            meaning: "There are no credentials, or none that are taken.",
            message: "the credentials were refused",
            headers: ["WWW-Authenticate"]
        ),
        Status(
            code: 403,
            name: "Forbidden",
            title: "Forbidden",
            grpc: "PERMISSION_DENIED",
            meaning: "The caller may not do this.",
            message: "the caller may not do this"
        ),
        Status(
            code: 404,
            name: "NotFound",
            title: "Not Found",
            grpc: "NOT_FOUND",
            meaning: "There is no such thing. Of a wrong path, the `reason` in the details is `ROUTE_NOT_FOUND`.",
            message: "there is no such thing"
        ),
        Status(
            code: 405,
            name: "MethodNotAllowed",
            title: "Method Not Allowed",
            grpc: "UNIMPLEMENTED",
            meaning: "The path takes other methods than this one, as that of an empty parameter may do.",
            message: "/v1/things does not take DELETE, but GET, HEAD, OPTIONS",
            headers: ["Allow"]
        ),
        Status(
            code: 406,
            name: "NotAcceptable",
            title: "Not Acceptable",
            grpc: "INVALID_ARGUMENT",
            meaning: "`Accept` rules out every form that the answer can have.",
            message: "the answer is application/json, which \"Accept: text/html\" does not let it be"
        ),
        Status(
            code: 408,
            name: "RequestTimeout",
            title: "Request Timeout",
            grpc: "DEADLINE_EXCEEDED",
            meaning: "The request took too long to arrive.",
            message: "the request took too long to arrive"
        ),
        Status(
            code: 409,
            name: "Conflict",
            title: "Conflict",
            grpc: "ALREADY_EXISTS",
            meaning: "`ALREADY_EXISTS` or `ABORTED`: what there is stands against it.",
            message: "it exists already"
        ),
        Status(
            code: 412,
            name: "PreconditionFailed",
            title: "Precondition Failed",
            grpc: "FAILED_PRECONDITION",
            meaning: "`If-Match` or `If-None-Match` does not hold, or cannot be told to hold. Nothing was done.",
            message: "what is there has none of the entity tags that If-Match names"
        ),
        Status(
            code: 413,
            name: "ContentTooLarge",
            title: "Content Too Large",
            grpc: "RESOURCE_EXHAUSTED",
            meaning: "The request body is larger than the gateway takes.",
            message: "the request body is larger than 4194304 bytes"
        ),
        Status(
            code: 414,
            name: "URITooLong",
            title: "URI Too Long",
            grpc: "INVALID_ARGUMENT",
            meaning: "The request target is longer than the gateway takes.",
            message: "the request target is longer than 8192 bytes"
        ),
        Status(
            code: 415,
            name: "UnsupportedMediaType",
            title: "Unsupported Media Type",
            grpc: "INVALID_ARGUMENT",
            meaning: "The request body is neither JSON nor without a type, or in a coding other than gzip.",
            message: "the request body is text/plain; send application/json",
            headers: ["Accept", "Accept-Post", "Accept-Patch", "Accept-Encoding"]
        ),
        Status(
            code: 429,
            name: "TooManyRequests",
            title: "Too Many Requests",
            grpc: "RESOURCE_EXHAUSTED",
            meaning: "A quota is used up, of the service or of the gateway.",
            message: "this client has made more requests than it may for now; nothing was done about this one",
            headers: ["Retry-After"]
        ),
        Status(
            code: 431,
            name: "HeaderTooLarge",
            title: "Request Header Fields Too Large",
            grpc: "INVALID_ARGUMENT",
            meaning: "The request's header is larger than the gateway takes.",
            message: "the request's header takes more than 32768 bytes"
        ),
        Status(
            code: 499,
            name: "ClientClosedRequest",
            title: "Client Closed Request",
            grpc: "CANCELLED",
            meaning: "The call was cancelled.",
            message: "the call was cancelled"
        ),
        Status(
            code: 500,
            name: "InternalServerError",
            title: "Internal Server Error",
            grpc: "INTERNAL",
            meaning: "`INTERNAL`, `UNKNOWN` or `DATA_LOSS`: something is broken.",
            message: "something is broken"
        ),
        Status(
            code: 501,
            name: "NotImplemented",
            title: "Not Implemented",
            grpc: "UNIMPLEMENTED",
            meaning: "The service does not have this method.",
            message: "the service does not have this method"
        ),
        Status(
            code: 502,
            name: "BadGateway",
            title: "Bad Gateway",
            grpc: "RESOURCE_EXHAUSTED",
            meaning: "The service's answer is larger than the gateway passes on.",
            message: "the answer is too large"
        ),
        Status(
            code: 503,
            name: "ServiceUnavailable",
            title: "Service Unavailable",
            grpc: "UNAVAILABLE",
            meaning: """
                The service cannot be reached, or the gateway has no room. With the `reason` `OUTCOME_UNKNOWN` the call may \
                have been carried out.
                """,
            message: "the service cannot be reached",
            headers: ["Retry-After"]
        ),
        Status(
            code: 504,
            name: "GatewayTimeout",
            title: "Gateway Timeout",
            grpc: "DEADLINE_EXCEEDED",
            meaning: "The deadline passed. The call may have been carried out.",
            message: "the deadline passed"
        ),
    ]

    /// References to those statuses that an operation can be answered with, by status.
    ///
    /// All of them stand for gRPC codes that any service may answer, or for limits that hold for every request.
    static var references: [(status: String, value: JSONValue)] {
        all.map { (String($0.code), ["$ref": .string("#/components/responses/\($0.name)")]) }
    }

    /// `components/responses`.
    static var components: JSONObject {
        var components = JSONObject()
        for status in all { components[status.name] = component(status) }
        return components
    }

    private static func component(_ status: Status) -> JSONValue {
        var headers = JSONObject()
        for name in status.headers + ["X-Request-Id"] { headers[name] = HeaderForms.reference(name) }
        let error: JSONValue = [
            "error": [
                "code": .integer(Int64(status.code)), "status": .string(status.grpc),
                "message": .string(status.message),
                "details": [],
            ]
        ]
        let problem: JSONValue = [
            "type": "about:blank", "title": .string(status.title), "status": .integer(Int64(status.code)),
            "detail": .string(status.message), "grpcStatus": .string(status.grpc), "details": [],
        ]
        return [
            "description": .string(status.meaning),
            "headers": .object(headers),
            "content": [
                "application/json": ["schema": ["$ref": "#/components/schemas/Error"], "example": error],
                "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"], "example": problem],
            ],
        ]
    }
}
