/// The schemas of errors.
enum ErrorSchemas {
    private static let codes: JSONValue = [
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    private static let grpcStatus: JSONValue = [
        "type": "string", "description": "Name of the gRPC status code.", "enum": codes,
    ]

    private static let details: JSONValue = [
        "type": "array",
        "description": """
        What else is known: `google.rpc.ErrorInfo` with a `reason` of the gateway's own errors, `google.rpc.BadRequest` \
        with what is wrong with which field, `google.rpc.RetryInfo`, and what the service sent.
        """,
        "items": ["$ref": "#/components/schemas/ErrorDetail"],
    ]

    /// The shape of every error, wherever it arises.
    static let error: JSONValue = [
        "title": "Error",
        "description": "An error, in the one shape that all of them have.",
        "type": "object",
        "properties": [
            "error": [
                "type": "object",
                "properties": [
                    "code": ["type": "integer", "format": "int32", "description": "The HTTP status."],
                    "status": grpcStatus,
                    "message": ["type": "string", "description": "What went wrong, for people."],
                    "details": details,
                ],
                "required": ["code", "status", "message", "details"],
            ]
        ],
        "required": ["error"],
    ]

    /// The same facts as RFC 9457 has them.
    static let problem: JSONValue = [
        "title": "Problem",
        "description": "An error as a problem document (RFC 9457), for clients whose `Accept` names it.",
        "type": "object",
        "properties": [
            "type": ["type": "string", "const": "about:blank"],
            "title": ["type": "string", "description": "The status in words."],
            "status": ["type": "integer", "format": "int32", "description": "The HTTP status."],
            "detail": ["type": "string", "description": "What went wrong, for people."],
            "grpcStatus": grpcStatus,
            "details": details,
        ],
        "required": ["type", "title", "status", "detail", "grpcStatus", "details"],
    ]

    /// One element of an error's details.
    static let detail: JSONValue = [
        "title": "ErrorDetail",
        "description": """
        A message of the type that `@type` names, its fields beside it. One of a type that the gateway does not know has its \
        bytes in `value`, as base64.
        """,
        "type": "object",
        "properties": [
            "@type": ["type": "string", "description": "Such as `type.googleapis.com/google.rpc.ErrorInfo`."]
        ],
        "additionalProperties": true,
    ]
}
