import HTTPRules
import ProtobufSchema

/// An `operationId` for each route: its method's name, with what tells further bindings of the method apart.
///
/// `listJobs`, then `listJobsByOrganizationId` for a path with that variable, `listJobsRpc` for the gRPC path.
struct OperationNames {
    /// In the order of the routes.
    private(set) var names: [String] = []

    init(_ routes: [Route], _ catalog: Catalog) {
        var owners: [String: Set<String>] = [:]
        for route in routes { owners[OperationNames.base(route.method), default: []].insert(route.service) }
        var taken = NameSet()
        var first: [String: Set<[FieldIndex]>] = [:]
        for route in routes {
            var name = OperationNames.base(route.method)
            if owners[name]?.count ?? 0 > 1 {
                let service = OperationNames.base(ComponentNames.short(route.service))
                name = service + OperationNames.capitalized(name)
            }
            let key = "\(route.service)/\(route.method)"
            let variables = Set(route.variables.map(\.fieldPath))
            if let known = first[key] {
                if route.isGRPCPath {
                    name += "Rpc"
                } else if let new = route.variables.map(\.fieldPath).first(where: { !known.contains($0) }) {
                    let words = new.map { OperationNames.capitalized(catalog.schema[$0].jsonName) }
                    name += "By" + ComponentNames.sanitized(words.joined())
                }
            } else {
                first[key] = variables
            }
            names.append(taken.take(name, separator: ""))
        }
    }

    /// `GetJob` as `getJob`, `HTTPCall` as `httpCall`.
    private static func base(_ name: String) -> String {
        let text = ComponentNames.sanitized(name)
        let head = text.prefix { $0.isUppercase }
        guard head.count > 1 else { return head.lowercased() + text.dropFirst(head.count) }
        // The last capital begins the next word.
        let count = head.count == text.count ? head.count : head.count - 1
        return text.prefix(count).lowercased() + text.dropFirst(count)
    }

    private static func capitalized(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }
}

extension Route {
    /// Whether this is the plain path of the gRPC method, which programs that speak RPC use.
    var isGRPCPath: Bool { template.text == grpcPath }
}
