import Testing

@testable import HTTPRules

/// A trie over rules written as `"GET /v1/{id}"`, whose answers are written the same way.
struct TestRouter {
    let rules: [String]
    private(set) var methods = HTTPMethodTable()
    let trie: RouteTrie

    init(_ rules: [String]) throws {
        self.rules = rules
        var builder = RouteTrieBuilder()
        for rule in rules {
            let (method, template) = try Self.parse(rule)
            let interned = methods.intern(method)
            builder.add(try #require(interned), template)
        }
        trie = builder.build()
    }

    static func parse(_ rule: String) throws -> (method: String, template: PathTemplate) {
        let parts = rule.split(separator: " ", maxSplits: 1)
        try #require(parts.count == 2)
        return (String(parts[0]), try PathTemplate(String(parts[1])))
    }

    /// The answer to `"GET /v1/x"`: the rule and its raw captures (`"GET /v1/{id} id=x"`), `"404"`,
    /// `"405 GET, HEAD"` or `"400"`.
    func answer(_ request: String) throws -> String {
        let parts = request.split(separator: " ", maxSplits: 1)
        let method = Array(parts[0].utf8).withUnsafeBytes { methods.method($0) }
        let path = Array((parts.count > 1 ? parts[1] : "").utf8)
        var captures = PathCaptures()
        let result = path.withUnsafeBytes { trie.match(method, $0, &captures) }
        switch result {
        case .match(let route, let isHead):
            let template = try Self.parse(rules[route]).template
            #expect(captures.count == template.variables.count)
            var words = [rules[route]]
            for (index, variable) in template.variables.enumerated() {
                words.append("\(variable.path)=\(String(decoding: path[captures[index].range], as: UTF8.self))")
            }
            if isHead { words.append("(head)") }
            return words.joined(separator: " ")
        case .methodNotAllowed(let allowed): return "405 \(methods.allow(allowed))"
        case .notFound: return "404"
        case .badRequest: return "400"
        }
    }

    /// Steps that a match of `path` takes.
    func steps(_ method: HTTPMethod, _ path: [UInt8]) -> (result: RouteMatch, steps: Int) {
        Self.steps(trie, method, path)
    }

    /// Steps that a match of `path` in any trie takes.
    static func steps(_ trie: RouteTrie, _ method: HTTPMethod, _ path: [UInt8]) -> (result: RouteMatch, steps: Int) {
        var meter = StepCounter()
        var captures = PathCaptures()
        let result = path.withUnsafeBytes { trie.match(method, $0, &captures, &meter) }
        return (result, meter.steps)
    }

    private struct StepCounter: MatchMeter {
        var steps = 0
        mutating func add(_ steps: Int) { self.steps += steps }
    }
}
