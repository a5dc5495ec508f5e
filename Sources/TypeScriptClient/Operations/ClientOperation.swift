import HTTPRules
import ProtobufSchema

/// A method of the client: one route, with its TypeScript names and types.
struct ClientOperation {
    /// What the method gives.
    enum Result: Hashable {
        /// JSON of this type.
        case json(String)
        /// The bytes of a `google.api.HttpBody`.
        case bytes
        /// Nothing, for an answer to HEAD has no content.
        case nothing
    }

    /// What leads from page to page (google.aip.dev/158).
    struct Paging {
        /// Member of the request that takes a page's token.
        let token: String
        /// Member of a page with the token of the next one.
        let nextToken: String
        /// The member of a page that lists what is on it, with the type of an element; nil where there is no such one.
        let list: (member: String, elementType: String)?
    }

    let route: Route
    let name: String
    let requestType: String
    /// Whether the method may be called without a request.
    let isRequestOptional: Bool
    /// Whether a member of the request is called as one that every object has, whose type `{}` then does not fit.
    let hidesInherited: Bool
    let result: Result
    let paging: Paging?
    /// Whether the body goes out as it is.
    let takesBytes: Bool
    /// The member of the request that is the body, `*` for all of it.
    let body: String?
    /// The message whose fields the query has, where it has some that are not single values.
    let query: MessageIndex?

    /// `pkg.Service.Method`.
    var fullMethodName: String { "\(route.service).\(route.method)" }

    /// Whether the read may be conditional.
    var isConditional: Bool { route.httpMethod == .get && !route.isServerStreaming }

    /// The method token of the request; a rule for any of them gets the one that its body allows.
    var httpMethodName: String {
        guard route.httpMethod == .any else { return route.httpMethodName }
        return route.body == .none ? "GET" : "POST"
    }
}
