/// What of a gateway's settings shows in the document.
package struct OpenAPIOptions: Hashable, Sendable {
    /// How clients sign in.
    package enum SignIn: Hashable, Sendable {
        /// A client's own `Authorization` goes to the upstream as it is.
        case passthrough
        /// Clients send an API key, or a token of their own.
        case clientKey
        /// The gateway signs in with its own key, and takes whoever reaches it.
        case serviceKey
        /// The gateway signs in with its own key for clients with one of its tokens.
        case clientTokens
    }

    /// Answers leave out fields without presence that hold their default.
    package var omitsDefaults = false
    /// Fields are named as the `.proto` files do, in answers and in what is documented of requests.
    package var usesOriginalNames = false
    /// Answers have enums as numbers.
    package var printsEnumsAsNumbers = false
    /// Unknown fields of request bodies are passed over.
    package var ignoresUnknownFields = false
    /// Where clients find the gateway, as `https://ml.example.com`; empty where nobody can tell.
    package var publicURL = ""
    /// The path that all routes are below, empty or as `/training`.
    package var basePath = ""
    package var signIn = SignIn.passthrough
    /// Title of the document; nil for one that is made of the services' names.
    package var title: String?

    package init() {}
}
