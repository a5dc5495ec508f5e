internal import HTTPRules

/// The values of `Allow` for what a route table serves (RFC 9110, section 10.2.1).
///
/// OPTIONS is always among them, since the gateway answers it itself.
struct AllowValues: Sendable {
    private struct Name: Sendable {
        let text: String
        /// The routes' methods with which it is there; nil for always.
        let methods: HTTPMethodSet?
    }

    /// In alphabetical order.
    private let names: [Name]
    /// Of the server as a whole: the methods of all routes.
    let all: String

    init(_ routes: RouteTable) {
        var names = [Name(text: "OPTIONS", methods: nil)]
        var every: HTTPMethodSet = []
        for route in routes.routes where route.httpMethod != .any {
            let method = HTTPMethodSet(route.httpMethod)
            guard !every.contains(method) else { continue }
            every.insert(method)
            let text = routes.methods.name(of: route.httpMethod)
            if text != "OPTIONS", route.httpMethod != .head { names.append(Name(text: text, methods: method)) }
        }
        let reads: HTTPMethodSet = [HTTPMethodSet(.get), HTTPMethodSet(.head)]
        if !every.isDisjoint(with: reads) { names.append(Name(text: "HEAD", methods: reads)) }
        self.names = names.sorted { $0.text < $1.text }
        all = AllowValues.join(self.names, every)
    }

    /// That of a resource with routes for `methods`.
    func value(_ methods: HTTPMethodSet) -> String { AllowValues.join(names, methods) }

    private static func join(_ names: [Name], _ methods: HTTPMethodSet) -> String {
        var value = ""
        for name in names where name.methods.map({ !$0.isDisjoint(with: methods) }) ?? true {
            if !value.isEmpty { value += ", " }
            value += name.text
        }
        return value
    }
}
