import HTTPRules

/// The tags: one for each service, and one for its gRPC paths, so that these do not stand between the others.
struct TagNames {
    private struct Key: Hashable {
        let service: String
        let isGRPCPath: Bool
    }

    private var names: [Key: String] = [:]
    /// The `tags` of the document.
    private(set) var forms: [JSONValue] = []

    init(_ routes: [Route], _ catalog: Catalog) {
        var counts: [String: Set<String>] = [:]
        for route in routes { counts[ComponentNames.short(route.service), default: []].insert(route.service) }
        var taken = NameSet()
        for route in routes {
            let key = Key(service: route.service, isGRPCPath: route.isGRPCPath)
            guard names[key] == nil else { continue }
            let short = ComponentNames.short(route.service)
            var name = counts[short]?.count == 1 ? short : route.service
            if route.isGRPCPath { name += " (gRPC paths)" }
            name = taken.take(name)
            names[key] = name
            var form: JSONObject = ["name": .string(name)]
            let comment = catalog.notes.services[route.service]?.comment ?? CommentText()
            if route.isGRPCPath {
                form["description"] =
                    "The same methods by their gRPC paths: requests and answers are the whole messages."
            } else if !comment.isEmpty {
                form["description"] = .string(comment.text)
            }
            forms.append(.object(form))
        }
    }

    subscript(_ route: Route) -> String {
        names[Key(service: route.service, isGRPCPath: route.isGRPCPath)] ?? route.service
    }
}
