/// What the router says about a request's method and path.
package enum RouteMatch: Hashable, Sendable {
    /// The route's index; its variables are in the ``PathCaptures``.
    ///
    /// `isHead` where a HEAD request is to be answered by a GET route, without the body.
    case match(route: Int, isHead: Bool)
    /// The path is known, but for other methods: these, over all the routes that match it.
    case methodNotAllowed(HTTPMethodSet)
    case notFound
    /// The path cannot be decoded.
    case badRequest(PercentFault)
}
