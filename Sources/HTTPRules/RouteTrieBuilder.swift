/// Collects templates and lays them out as a ``RouteTrie``.
///
/// The result depends on the set of templates, not on the order in which they come, but for routes of the same method
/// and shape: of those the first one matches. ``RouteBuilder`` refuses them.
struct RouteTrieBuilder {
    /// What ends at one place: entries by verb, "" for none.
    private typealias Endpoints = [String: [RouteTrie.Entry]]

    private struct Node {
        var edges: [[UInt8]: Int] = [:]
        var wildcard = 0
        var tails: [[[UInt8]]: Endpoints] = [:]
        var endpoints: Endpoints = [:]
    }

    private var nodes = [Node()]
    private var trie = RouteTrie()

    /// Adds a template; its route is the number of templates added before.
    mutating func add(_ method: HTTPMethod, _ template: PathTemplate) {
        let restIndex = template.segments.firstIndex(of: .rest)
        let entry = RouteTrie.Entry(
            method: method,
            refusesEmptyRest: template.variables.contains {
                $0.segments.count == 1 && $0.segments.lowerBound == restIndex
            },
            route: UInt32(trie.routeCaptures.count)
        )
        addCaptures(of: template, restIndex: restIndex)

        var node = 0
        for segment in template.segments[..<(restIndex ?? template.segments.count)] {
            node = child(of: node, for: segment)
        }
        trie.maximumDepth = max(trie.maximumDepth, restIndex ?? template.segments.count)
        let verb = template.verb ?? ""
        if let restIndex {
            let tail = template.segments[(restIndex + 1)...].compactMap { segment -> [UInt8]? in
                guard case .literal(let bytes) = segment else { return nil }
                return bytes
            }
            trie.maximumTail = max(trie.maximumTail, tail.count)
            nodes[node].tails[tail, default: [:]][verb, default: []].append(entry)
        } else {
            nodes[node].endpoints[verb, default: []].append(entry)
        }
    }

    private mutating func child(of node: Int, for segment: PathTemplate.Segment) -> Int {
        switch segment {
        case .literal(let bytes):
            if let known = nodes[node].edges[bytes] { return known }
            nodes[node].edges[bytes] = nodes.count
            trie.maximumLiteral = max(trie.maximumLiteral, bytes.count)
        case .wildcard, .rest:
            if nodes[node].wildcard != 0 { return nodes[node].wildcard }
            nodes[node].wildcard = nodes.count
        }
        nodes.append(Node())
        return nodes.count - 1
    }

    private mutating func addCaptures(of template: PathTemplate, restIndex: Int?) {
        let start = trie.capturePlans.count
        for variable in template.variables {
            let holdsRest = restIndex.map(variable.segments.contains) ?? false
            let end = variable.segments.upperBound
            trie.capturePlans.append(
                RouteTrie.CapturePlan(
                    start: UInt32(variable.segments.lowerBound),
                    end: UInt32(holdsRest ? template.segments.count - end : end),
                    endCountsFromBack: holdsRest
                )
            )
        }
        trie.routeCaptures.append(Self.slice(start, trie.capturePlans.count))
    }

    // MARK: Layout

    consuming func build() -> RouteTrie {
        for node in nodes {
            let edges = layOut(edges: node.edges)
            let tails = layOut(tails: node.tails)
            let groups = layOut(endpoints: node.endpoints)
            trie.nodes.append(
                RouteTrie.Node(edges: edges, wildcard: UInt32(node.wildcard), tails: tails, groups: groups)
            )
        }
        return trie
    }

    private mutating func layOut(edges: [[UInt8]: Int]) -> RouteTrie.Slice {
        let start = trie.edges.count
        for (literal, node) in edges.sorted(by: { Self.precedes($0.key, $1.key) }) {
            trie.edges.append(RouteTrie.Edge(literal: intern(literal), node: UInt32(node)))
        }
        return Self.slice(start, trie.edges.count)
    }

    private mutating func layOut(tails: [[[UInt8]]: Endpoints]) -> RouteTrie.Slice {
        // Two tails of the same length cannot match the same path, so any fixed order of those will do.
        let ordered = tails.sorted { left, right in
            if left.key.count != right.key.count { return left.key.count > right.key.count }
            return left.key.lexicographicallyPrecedes(right.key, by: Self.precedes)
        }
        var laidOut: [RouteTrie.Tail] = []
        for (literals, endpoints) in ordered {
            let start = trie.tailLiterals.count
            for literal in literals {
                let slice = intern(literal)
                trie.tailLiterals.append(slice)
            }
            let slice = Self.slice(start, trie.tailLiterals.count)
            laidOut.append(RouteTrie.Tail(literals: slice, groups: layOut(endpoints: endpoints)))
        }
        let start = trie.tails.count
        trie.tails += laidOut
        return Self.slice(start, trie.tails.count)
    }

    private mutating func layOut(endpoints: Endpoints) -> RouteTrie.Slice {
        let start = trie.groups.count
        // The empty verb sorts first, where the matcher looks for it.
        for (verb, entries) in endpoints.sorted(by: { $0.key < $1.key }) {
            let firstEntry = trie.entries.count
            trie.entries += entries.sorted { ($0.method.rawValue, $0.route) < ($1.method.rawValue, $1.route) }
            let verbText = intern(Array(verb.utf8))
            var group = RouteTrie.Group(
                verb: verbText,
                entries: Self.slice(firstEntry, trie.entries.count),
                methods: [],
                methodsForEmptyRest: []
            )
            for entry in entries {
                group.methods.insert(HTTPMethodSet(entry.method))
                if !entry.refusesEmptyRest { group.methodsForEmptyRest.insert(HTTPMethodSet(entry.method)) }
            }
            trie.groups.append(group)
        }
        return Self.slice(start, trie.groups.count)
    }

    private mutating func intern(_ bytes: [UInt8]) -> RouteTrie.Slice {
        let start = trie.text.count
        trie.text += bytes
        return Self.slice(start, trie.text.count)
    }

    private static func slice(_ start: Int, _ end: Int) -> RouteTrie.Slice {
        RouteTrie.Slice(start: UInt32(start), end: UInt32(end))
    }

    /// The order of edges: by length, then by bytes, so that most comparisons end at the length.
    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count != right.count ? left.count < right.count : left.lexicographicallyPrecedes(right)
    }
}
