/// The header fields that matter to clients.
enum HeaderForms {
    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/headers/\(name)")] }

    /// `components/headers`: those of answers.
    static var components: JSONObject {
        var headers = JSONObject()
        func add(_ name: String, _ description: String, _ schema: JSONValue = ["type": "string"]) {
            headers[name] = ["description": .string(description), "schema": schema]
        }
        add("X-Request-Id", "The request's own id if it had one, or the one that the gateway gave it.")
        add("Location", "Path of what was made.")
        add("ETag", "A hash of the content, for `If-None-Match`.")
        add("Cache-Control", "How answers may be kept: by the client alone, to be asked for again.")
        add("Allow", "The methods that the path takes.")
        add("Retry-After", "Seconds after which to try again.", ["type": "integer", "minimum": 0])
        add("WWW-Authenticate", "What to sign in with.")
        add("Accept", "What to send instead.")
        add("Accept-Post", "What to send instead, in a POST.")
        add("Accept-Patch", "What to send instead, in a PATCH.")
        add("Accept-Encoding", "Which coding to send instead.")
        return headers
    }

    static func parameterReference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/parameters/\(name)")]
    }

    /// `components/parameters`: header fields of requests.
    static var parameters: JSONObject {
        [
            "X-Request-Id": [
                "name": "X-Request-Id", "in": "header",
                "description": "An id for logs; the answer and the call to the service have it too.",
                "schema": ["type": "string"], "example": "5f0c1d52-3b51-4d0a-9c7e-0f5d6a1b2c3d",
            ],
            "Grpc-Timeout": [
                "name": "Grpc-Timeout", "in": "header",
                "description": """
                How long the call may take, as gRPC writes it: up to eight digits and a unit, `H`, `M`, `S`, `m`, `u` or `n` \
                for hours, minutes, seconds, and the thousandths, millionths and billionths of one.
                """,
                "schema": ["type": "string", "pattern": "^[0-9]{1,8}[HMSmun]$"], "example": "10S",
            ],
            "If-None-Match": [
                "name": "If-None-Match", "in": "header",
                "description":
                    "`ETag` of an answer that the client has; while it is still the same, the answer is 304.",
                "schema": ["type": "string"], "example": "\"3f8a52c1\"",
            ],
        ]
    }
}
