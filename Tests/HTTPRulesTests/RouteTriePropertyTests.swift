import GatewayTesting
import Testing

@testable import HTTPRules

/// The trie against a matcher that tries every route by itself and then picks the most specific.
@Suite struct RouteTriePropertyTests {
    @Test(arguments: 0..<40)
    func agreesWithTheReference(_ seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(seed))
        for _ in 0..<25 {
            var shapes: Set<String> = []
            var rules: [String] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let rule = Self.randomRule(&generator)
                let (method, template) = try TestRouter.parse(rule)
                if shapes.insert("\(method) \(template.shape)").inserted { rules.append(rule) }
            }
            let router = try TestRouter(rules)
            let reference = try ReferenceRouter(rules)
            for _ in 0..<60 {
                let request = Self.randomRequest(&generator)
                #expect(try router.answer(request) == reference.answer(request), "\(request) over \(rules)")
            }
        }
    }

    private static func pick(_ choices: [String], _ generator: inout SeededRandom) -> String {
        choices.randomElement(using: &generator) ?? ""
    }

    private static func randomRule(_ generator: inout SeededRandom) -> String {
        var segments: [String] = []
        var names = ["p", "q", "r", "s"]
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0...2: segments.append(pick(["a", "b", "aa", "%61", "a%2Fb"], &generator))
            case 3: segments.append("*")
            case 4: segments.append("{\(names.removeLast())}")
            default: segments.append("{\(names.removeLast())=\(pick(["a/*", "*/b", "*/*", "b"], &generator))}")
            }
        }
        if segments.isEmpty || Int.random(in: 0..<3, using: &generator) == 0 {
            segments.append(pick(["**", "{t=**}", "{t=a/**}", "{t=**/b}", "{t=*/**/a}"], &generator))
            for _ in 0..<Int.random(in: 0...2, using: &generator) { segments.append(pick(["a", "b"], &generator)) }
        }
        let verb = Int.random(in: 0..<3, using: &generator) == 0 ? pick([":go", ":a"], &generator) : ""
        let method = pick(["GET", "GET", "POST", "*", "HEAD", "PURGE"], &generator)
        return "\(method) /\(segments.joined(separator: "/"))\(verb)"
    }

    private static func randomRequest(_ generator: inout SeededRandom) -> String {
        let pieces = [
            "a", "a", "b", "b", "aa", "%61", "a%2Fb", "a%2fb", "c", "a:a", "a%3Aa", ":go", "b:go", "a:b:go", "a:", "",
            "é",
        ]
        let count = Int.random(in: 0...5, using: &generator)
        var path = "/" + (0..<count).map { _ in pick(pieces, &generator) }.joined(separator: "/")
        path += pick(["", "", "", ":go", ":a", "/", "/a:go", "%"], &generator)
        return "\(pick(["GET", "GET", "POST", "HEAD", "PURGE", "NOVEL"], &generator)) \(path)"
    }
}

/// The rules of matching, said as plainly as possible and without regard to cost.
private struct ReferenceRouter {
    private struct Route {
        let rule: String
        let method: String
        let template: PathTemplate
    }

    private struct Candidate {
        let route: Route
        /// Smaller is more specific: per segment 0 for a literal, 1 for `*`, 2 for `**`, then how few literals follow.
        let rank: [Int]
        let captures: [String]
    }

    private let routes: [Route]

    init(_ rules: [String]) throws {
        routes = try rules.map { rule in
            let (method, template) = try TestRouter.parse(rule)
            return Route(rule: rule, method: method, template: template)
        }
    }

    func answer(_ request: String) -> String {
        let parts = request.split(separator: " ", maxSplits: 1).map(String.init)
        guard let method = parts.first, let path = parts.last, path.hasPrefix("/") else { return "404" }
        let afterPercent = path.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
        if afterPercent.contains(where: { $0.utf8.count < 2 }) { return "400" }
        var segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if segments.last == "" { segments.removeLast() }
        if segments.contains("") { return "404" }

        let candidates = routes.compactMap { match($0, segments) }.sorted { left, right in
            left.rank.lexicographicallyPrecedes(right.rank)
        }
        var ranks: [[Int]] = []
        for candidate in candidates where !ranks.contains(candidate.rank) { ranks.append(candidate.rank) }
        for rank in ranks {
            let same = candidates.filter { $0.rank == rank }
            let wanted = method == "HEAD" ? ["HEAD", "GET", "*"] : [method, "*"]
            for name in wanted {
                guard let chosen = same.first(where: { $0.route.method == name }) else { continue }
                let head = method == "HEAD" && name == "GET" ? ["(head)"] : []
                return ([chosen.route.rule] + chosen.captures + head).joined(separator: " ")
            }
        }
        if candidates.isEmpty { return "404" }
        var allowed = Set(candidates.map(\.route.method))
        if allowed.contains("GET") { allowed.insert("HEAD") }
        return "405 " + allowed.sorted().joined(separator: ", ")
    }

    private func match(_ route: Route, _ path: [String]) -> Candidate? {
        var last = path.last ?? ""
        var verb: String?
        if let colon = last.lastIndex(of: ":") {
            let text = String(last[last.index(after: colon)...])
            let segments = route.template.segments
            let isRegistered = routes.contains { $0.template.segments == segments && $0.template.verb == text }
            // What took the last segment: a literal knows no colon, a wildcard takes it unless it begins a verb here.
            if isRegistered || takesLiteral(segments, path.count) {
                verb = text
                last = String(last[..<colon])
            }
        }
        guard verb == route.template.verb else { return nil }
        if verb != nil && last.isEmpty { return nil }
        let segments = path.dropLast() + (path.isEmpty ? [] : [last])
        return fit(route, Array(segments))
    }

    private func takesLiteral(_ template: [PathTemplate.Segment], _ count: Int) -> Bool {
        let used = template.count == count + 1 && template.last == .rest ? template.dropLast() : template[...]
        if case .literal = used.last { return true }
        return false
    }

    /// The match where a verb has been taken off already.
    private func fit(_ route: Route, _ path: [String]) -> Candidate? {
        let template = route.template.segments
        // How many segments of the path each segment of the template takes.
        var widths = template.map { _ in 1 }
        if let rest = template.firstIndex(of: .rest) {
            widths[rest] = path.count - (template.count - 1)
            if widths[rest] < 0 { return nil }
        } else if template.count != path.count {
            return nil
        }
        var starts = [0]
        var rank: [Int] = []
        for (segment, width) in zip(template, widths) {
            let start = starts[starts.count - 1]
            starts.append(start + width)
            switch segment {
            case .literal(let bytes):
                guard decode(path[start]) == bytes else { return nil }
                if !rank.contains(2) { rank.append(0) }
            case .wildcard: rank.append(1)
            case .rest: rank += [2, -(template.count - 1 - rank.count)]
            }
        }
        var captures: [String] = []
        for variable in route.template.variables {
            let range = starts[variable.segments.lowerBound]..<starts[variable.segments.upperBound]
            if range.isEmpty { return nil }
            captures.append("\(variable.path)=\(path[range].joined(separator: "/"))")
        }
        return Candidate(route: route, rank: rank, captures: captures)
    }

    private func decode(_ segment: String) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            decoded.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return decoded
    }
}
