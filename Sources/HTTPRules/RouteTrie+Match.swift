import Glibc

extension RouteTrie {
    /// Finds the route for a method and a raw path, the query cut off.
    ///
    /// - The path is split on `/`, then literals are compared with each segment's percent-decoded form.
    /// - Per segment a literal goes before `*`, and `*` before `**`, with backtracking, whatever the order of routes.
    ///   Among several `**` at one place the one with more literals after it goes first.
    /// - An empty segment matches nothing; one trailing slash is forgiven.
    /// - A verb is what follows the last `:` of the last segment where that verb is registered for any method at the
    ///   place that the rest of the path leads to; anywhere else the colon is a part of the segment.
    ///
    /// Neither allocates (templates of more than about 80 segments aside) nor recurses. Work is linear in the path
    /// plus, per node of the trie, at most one search among its literals; `captures` is filled on a match.
    package func match(
        _ method: HTTPMethod,
        _ path: UnsafeRawBufferPointer,
        _ captures: inout PathCaptures
    ) -> RouteMatch {
        var meter = NoMeter()
        return match(method, path, &captures, &meter)
    }

    func match<Meter: MatchMeter>(
        _ method: HTTPMethod,
        _ path: UnsafeRawBufferPointer,
        _ captures: inout PathCaptures,
        _ meter: inout Meter
    ) -> RouteMatch {
        captures.removeAll()
        guard let base = path.baseAddress, path.first == UInt8(ascii: "/"), path.count <= Int(Int32.max) else {
            return .notFound
        }
        let hasEscapes = memchr(base, Int32(UInt8(ascii: "%")), path.count) != nil
        if hasEscapes, let fault = PercentDecoding.firstFault(in: path) { return .badRequest(fault) }
        meter.add(path.count)

        let splitCount = PathSegments.scratchCount(frontLimit: maximumDepth, backLimit: maximumTail)
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: splitCount + maximumDepth + 1) { scratch in
            guard let start = scratch.baseAddress,
                let segments = PathSegments(
                    path,
                    hasEscapes: hasEscapes,
                    frontLimit: maximumDepth,
                    backLimit: maximumTail,
                    scratch: start
                )
            else { return .notFound }
            var search = Search(method: method, path: segments, frames: start + splitCount)
            guard let hit = walk(&search, &meter) else {
                return search.allowed.isEmpty ? .notFound : .methodNotAllowed(search.allowed)
            }
            capture(hit, in: search.path, &captures)
            return .match(route: Int(hit.entry.route), isHead: method == .head && hit.entry.method == .get)
        }
    }

    // MARK: Search

    /// The state of one match; nothing in it is reference counted.
    private struct Search {
        let method: HTTPMethod
        var path: PathSegments
        /// By depth: the node there, and in the low two bits which of its ways was taken last (``Way``).
        let frames: UnsafeMutablePointer<UInt32>
        /// The methods of all routes that match the path.
        var allowed: HTTPMethodSet = []
    }

    /// The ways on from a node, in order of precedence.
    private enum Way {
        static let none: UInt32 = 0
        static let literal: UInt32 = 1
        static let wildcard: UInt32 = 2
        static let rest: UInt32 = 3
        static let mask: UInt32 = 3
        static let bits: UInt32 = 2
    }

    /// What a colon in the last segment may mean at the place that the path has come to.
    private enum Reading {
        /// There is no colon.
        case plain
        /// A literal took what is before it, so a verb follows it.
        case verb
        /// A wildcard took the segment: a verb if registered.
        case either
    }

    private struct Hit {
        let entry: Entry
        let hasVerb: Bool
    }

    /// Depth first, in order of precedence, until a route has the path and the method.
    private func walk<Meter: MatchMeter>(_ search: inout Search, _ meter: inout Meter) -> Hit? {
        var depth = 0
        search.frames[0] = Way.none
        while depth >= 0 {
            meter.add(1)
            let frame = search.frames[depth]
            let node = nodes[Int(frame >> Way.bits)]
            let isAtEnd = search.path.isComplete && depth == search.path.frontCount
            var child: UInt32 = 0
            switch frame & Way.mask {
            case Way.none where isAtEnd:
                // Neither literal nor `*` takes an empty rest, so only `**` is left.
                search.frames[depth] = frame | Way.rest
                if let hit = endpoint(node.groups, reading(&search, depth), isRestEmpty: false, &search) { return hit }
                if let hit = tail(of: node, depth, &search, &meter) { return hit }
            case Way.none:
                search.frames[depth] = frame | Way.literal
                child = literalChild(of: node, depth, search.path, &meter)
            case Way.literal:
                search.frames[depth] = frame & ~Way.mask | Way.wildcard
                child = node.wildcard
            case Way.wildcard:
                search.frames[depth] = frame | Way.rest
                if let hit = tail(of: node, depth, &search, &meter) { return hit }
            default:
                depth &-= 1
            }
            if child != 0 {
                depth &+= 1
                search.frames[depth] = child << Way.bits
            }
        }
        return nil
    }

    /// How to read a colon in the last segment, which brought the search to `depth`.
    private func reading(_ search: inout Search, _ depth: Int) -> Reading {
        if search.path.colon < 0 { return .plain }
        return search.frames[depth &- 1] & Way.mask == Way.literal ? .verb : .either
    }

    private func literalChild<Meter: MatchMeter>(
        of node: Node,
        _ depth: Int,
        _ path: PathSegments,
        _ meter: inout Meter
    ) -> UInt32 {
        var low = Int(node.edges.start)
        var high = Int(node.edges.end)
        guard low < high else { return 0 }
        var segment = path.segment(depth)
        if path.isComplete && depth == path.frontCount &- 1 && path.colon >= 0 {
            segment = segment.lowerBound..<path.colon
        }
        guard let key = SegmentKey(path, segment, longestLiteral: maximumLiteral) else { return 0 }
        while low < high {
            meter.add(1)
            let middle = (low &+ high) >> 1
            let edge = edges[middle]
            let order = compare(key, edge.literal)
            if order == 0 { return edge.node }
            if order < 0 { high = middle } else { low = middle &+ 1 }
        }
        return 0
    }

    /// The first of the node's `**` that takes the rest of the path.
    private func tail<Meter: MatchMeter>(
        of node: Node,
        _ depth: Int,
        _ search: inout Search,
        _ meter: inout Meter
    ) -> Hit? {
        guard node.tails.start < node.tails.end, search.path.scanRest() else { return nil }
        let start = search.path.boundary(depth)
        for index in node.tails.range {
            meter.add(1)
            let tail = tails[index]
            let count = tail.literals.range.count
            guard let end = search.path.boundary(fromBack: count), end >= start,
                matches(tail, search.path, &meter)
            else { continue }
            let reading: Reading =
                if search.path.colon < 0 {
                    .plain
                } else if count > 0 {
                    .verb
                } else if end == start {
                    self.reading(&search, depth)
                } else {
                    .either
                }
            if let hit = endpoint(tail.groups, reading, isRestEmpty: end == start, &search) { return hit }
        }
        return nil
    }

    /// Whether the last segments are the literals of `tail`; there are enough segments.
    private func matches<Meter: MatchMeter>(_ tail: Tail, _ path: PathSegments, _ meter: inout Meter) -> Bool {
        var left = tail.literals.range.count
        for index in tail.literals.range {
            meter.add(1)
            guard let start = path.boundary(fromBack: left), var end = path.boundary(fromBack: left &- 1) else {
                return false
            }
            if left == 1 && path.colon >= 0 { end = path.colon }
            guard let key = SegmentKey(path, start &+ 1..<end, longestLiteral: tailLiterals[index].range.count),
                compare(key, tailLiterals[index]) == 0
            else { return false }
            left &-= 1
        }
        return true
    }

    /// The route for the method among the templates that end here; notes what other methods there are.
    private func endpoint(
        _ candidates: Slice,
        _ reading: Reading,
        isRestEmpty: Bool,
        _ search: inout Search
    ) -> Hit? {
        guard candidates.start < candidates.end else { return nil }
        var chosen: Group?
        if reading != .plain {
            chosen = verbGroup(candidates, search.path)
            // `/jobs/:cancel` is the cancelling of nothing, and captures are not empty.
            if chosen != nil && search.path.base[search.path.colon &- 1] == UInt8(ascii: "/") { return nil }
        }
        if chosen == nil && reading != .verb && groups[Int(candidates.start)].verb.range.isEmpty {
            chosen = groups[Int(candidates.start)]
        }
        guard let group = chosen else { return nil }

        let methods = isRestEmpty ? group.methodsForEmptyRest : group.methods
        let method: HTTPMethod
        if methods.contains(HTTPMethodSet(search.method)) && search.method != .any && search.method != .unknown {
            method = search.method
        } else if search.method == .head && methods.contains(HTTPMethodSet(.get)) {
            method = .get
        } else if methods.contains(HTTPMethodSet(.any)) {
            method = .any
        } else {
            search.allowed.formUnion(methods)
            return nil
        }
        for index in group.entries.range {
            let entry = entries[index]
            if entry.method == method && !(isRestEmpty && entry.refusesEmptyRest) {
                return Hit(entry: entry, hasVerb: !group.verb.range.isEmpty)
            }
        }
        return nil
    }

    private func verbGroup(_ candidates: Slice, _ path: PathSegments) -> Group? {
        let verb = path.colon &+ 1..<path.end
        guard !verb.isEmpty else { return nil }
        for index in candidates.range where groups[index].verb.range.count == verb.count {
            let group = groups[index]
            let matches = text.withUnsafeBufferPointer { text in
                guard let base = text.baseAddress else { return false }
                return memcmp(base + Int(group.verb.start), path.base + verb.lowerBound, verb.count) == 0
            }
            if matches { return group }
        }
        return nil
    }

    // MARK: Captures

    private func capture(_ hit: Hit, in path: PathSegments, _ captures: inout PathCaptures) {
        for index in routeCaptures[Int(hit.entry.route)].range {
            let plan = capturePlans[index]
            let start = path.boundary(Int(plan.start)) &+ 1
            var end = path.end
            if !plan.endCountsFromBack {
                end = path.boundary(Int(plan.end))
            } else if let boundary = path.boundary(fromBack: Int(plan.end)) {
                end = boundary
            }
            if end == path.end && hit.hasVerb { end = path.colon }
            captures.append(PathCaptures.Capture(offset: UInt32(start), count: UInt32(end - start)))
        }
    }

    // MARK: Literals

    /// The order of a segment's decoded bytes against a literal of ``text``: by length, then bytes.
    private func compare(_ key: SegmentKey, _ literal: Slice) -> Int {
        let count = literal.range.count
        if key.decodedCount != count { return key.decodedCount - count }
        return text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return 0 }
            return key.compare(with: base + Int(literal.start))
        }
    }
}
