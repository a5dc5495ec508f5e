package import ProtobufSchema

/// All routes of a gateway; immutable, and shared by its workers.
package final class RouteTable: Sendable {
    /// Those of annotations in the order of the schema, then those of a rule file in its order, then mapped ones.
    package let routes: [Route]
    package let methods: HTTPMethodTable
    package let trie: RouteTrie

    /// The routes of every method of `schema` that has a rule, see ``RouteBuilder``.
    package convenience init(
        _ schema: Schema,
        options: RouteBuilder.Options = RouteBuilder.Options()
    ) throws(RouteErrors) {
        var builder = RouteBuilder(schema, options)
        let (routes, methods) = try builder.build()
        self.init(routes, methods)
    }

    private init(_ routes: [Route], _ methods: HTTPMethodTable) {
        self.routes = routes
        self.methods = methods
        var builder = RouteTrieBuilder()
        for route in routes { builder.add(route.httpMethod, route.template) }
        trie = builder.build()
    }

    /// Finds the route of a request by its method token and raw path, the query cut off.
    ///
    /// See ``RouteTrie/match(_:_:_:)``.
    package func match(
        method: UnsafeRawBufferPointer,
        path: UnsafeRawBufferPointer,
        captures: inout PathCaptures
    ) -> RouteMatch {
        trie.match(methods.method(method), path, &captures)
    }

    /// The value of the `Allow` header of a 405.
    package func allow(_ methods: HTTPMethodSet) -> String { self.methods.allow(methods) }

    /// One line a route, `METHOD  template  pkg.Service/Method` in columns, ordered by template and method.
    package var listing: String {
        let ordered = routes.sorted {
            ($0.template.text, $0.httpMethodName) < ($1.template.text, $1.httpMethodName)
        }
        let methodWidth = ordered.map(\.httpMethodName.count).max() ?? 0
        let templateWidth = ordered.map(\.template.text.count).max() ?? 0
        return ordered.map { route in
            Self.pad(route.httpMethodName, methodWidth) + "  " + Self.pad(route.template.text, templateWidth)
                + "  \(route.service)/\(route.method)\n"
        }.joined()
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
