/// The ways to sign in.
struct SecurityForms {
    /// `components/securitySchemes`; empty where there is nothing to sign in with.
    let schemes: JSONObject
    /// What every operation asks for: one of these.
    let requirements: [JSONValue]

    init(_ mode: OpenAPIOptions.SignIn) {
        func bearer(_ description: String) -> JSONValue {
            ["type": "http", "scheme": "bearer", "description": .string(description)]
        }
        switch mode {
        case .passthrough:
            schemes = ["bearer": bearer("An access token of the service, which it gets as it is.")]
            // Whether one is needed is for the service to say.
            requirements = [["bearer": []], [:]]
        case .clientKey:
            schemes = [
                "apiKey": [
                    "type": "http", "scheme": "basic",
                    "description": "An API key: its id as the user name, the key as the password.",
                ],
                "apiKeyId": ["type": "apiKey", "in": "header", "name": "X-Viam-Api-Key-Id"],
                "apiKeySecret": ["type": "apiKey", "in": "header", "name": "X-Viam-Api-Key"],
                "bearer": bearer("An access token of the service, which it gets as it is."),
            ]
            requirements = [["apiKey": []], ["apiKeyId": [], "apiKeySecret": []], ["bearer": []]]
        case .serviceKey:
            schemes = [:]
            requirements = []
        case .clientTokens:
            schemes = ["bearer": bearer("One of this gateway's tokens.")]
            requirements = [["bearer": []]]
        }
    }
}
