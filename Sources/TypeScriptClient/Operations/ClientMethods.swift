import HTTPRules
import ProtobufSchema

/// Which routes a service's client has, and what its methods are called.
enum ClientMethods {
    /// What would make something else of a client than a plain object.
    private static let reserved: Set<String> = [
        "constructor", "then", "toString", "toLocaleString", "toJSON", "valueOf", "hasOwnProperty", "isPrototypeOf",
        "propertyIsEnumerable", "__proto__", "prototype",
    ]

    /// The routes of a service with the names of their methods, in order of declaration.
    ///
    /// Names are those of the operations in the OpenAPI document: `listJobs`, and `listJobsByOrganizationId` for a further
    /// path with that variable. Paths that are gRPC's own serve programs that speak RPC; they are left out where a method
    /// has another one.
    static func named(_ routes: [Route], _ schema: Schema) -> [(route: Route, name: String)] {
        var names = NameAllocator(reserved: reserved)
        var first: [String: Set<[FieldIndex]>] = [:]
        let withOwnPath = Set(routes.filter { $0.template.text != $0.grpcPath }.map(\.method))
        let served = routes.filter { $0.template.text != $0.grpcPath || !withOwnPath.contains($0.method) }
        return served.map { route in
            var name = Identifier.lowerCamelCase(route.method)
            if reserved.contains(name) { name += "_" }
            let variables = route.variables.map(\.fieldPath)
            if let known = first[route.method] {
                if let new = variables.first(where: { !known.contains($0) }) {
                    name += "By" + new.map { Identifier.upperCamelCase(schema[$0].jsonName) }.joined()
                }
            } else {
                first[route.method] = Set(variables)
            }
            return (route, names.name(name))
        }
    }

    /// Names that are not to be given to anything else of the client.
    static func names(of operations: [ClientOperation]) -> NameAllocator {
        NameAllocator(reserved: reserved.union(operations.map(\.name)))
    }
}
