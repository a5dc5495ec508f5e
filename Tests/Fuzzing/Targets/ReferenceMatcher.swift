import HTTPRules

/// The rules of matching without regard to cost: every rule is tried by itself, then the most specific one wins.
struct ReferenceMatcher {
    enum Answer: Equatable {
        case notFound, badRequest
        /// With the value of `Allow`.
        case methodNotAllowed(String)
        /// With the bytes of the path that each variable takes.
        case match(route: Int, captures: [Range<Int>], isHead: Bool)
    }

    private struct Candidate {
        let route: Int
        let method: String
        /// Smaller is more specific: per segment 0 for a literal, 1 for `*`, 2 for `**`, then how few literals follow.
        let rank: [Int]
        let captures: [Range<Int>]
    }

    private let rules: [FuzzRule]

    init(_ rules: [FuzzRule]) {
        self.rules = rules
    }

    func answer(_ method: String, _ path: [UInt8]) -> Answer {
        guard path.first == UInt8(ascii: "/") else { return .notFound }
        guard decode(path[...]) != nil else { return .badRequest }
        // The ranges between slashes, without the last one if it is empty: one trailing slash is forgiven.
        var segments: [Range<Int>] = []
        var start = 1
        for index in 1...path.count where index == path.count || path[index] == UInt8(ascii: "/") {
            segments.append(start..<index)
            start = index + 1
        }
        if segments.last?.isEmpty == true { segments.removeLast() }
        if segments.contains(where: \.isEmpty) { return .notFound }

        let candidates = rules.indices.compactMap { candidate($0, path, segments) }.sorted {
            $0.rank.lexicographicallyPrecedes($1.rank)
        }
        var ranks: [[Int]] = []
        for candidate in candidates where !ranks.contains(candidate.rank) { ranks.append(candidate.rank) }
        for rank in ranks {
            for wanted in method == "HEAD" ? ["HEAD", "GET", "*"] : [method, "*"] {
                if method == "*" { break }
                guard let chosen = candidates.first(where: { $0.rank == rank && $0.method == wanted }) else { continue }
                let isHead = method == "HEAD" && wanted == "GET"
                return .match(route: chosen.route, captures: chosen.captures, isHead: isHead)
            }
            // The token `*` is no method of its own; it gets what is there for all.
            if method == "*", let chosen = candidates.first(where: { $0.rank == rank && $0.method == "*" }) {
                return .match(route: chosen.route, captures: chosen.captures, isHead: false)
            }
        }
        if candidates.isEmpty { return .notFound }
        var allowed = Set(candidates.map(\.method))
        if allowed.contains("GET") { allowed.insert("HEAD") }
        return .methodNotAllowed(allowed.sorted().joined(separator: ", "))
    }

    /// The match of one rule, if it does match; a verb is taken off the last segment first.
    private func candidate(_ index: Int, _ path: [UInt8], _ segments: [Range<Int>]) -> Candidate? {
        let template = rules[index].template
        var segments = segments
        var verb: String?
        if let last = segments.last, let colon = path[last].lastIndex(of: UInt8(ascii: ":")) {
            let text = path[(colon + 1)..<last.upperBound]
            let isRegistered = rules.contains {
                $0.template.segments == template.segments
                    && $0.template.verb.map { text.elementsEqual($0.utf8) } == true
            }
            // A literal knows no colon; a wildcard takes it unless it begins a verb here.
            if isRegistered || takesLiteral(template.segments, segments.count) {
                verb = String(decoding: text, as: UTF8.self)
                if verb?.utf8.elementsEqual(text) != true { return nil }
                segments[segments.count - 1] = last.lowerBound..<colon
            }
        }
        guard verb == template.verb, segments.last?.isEmpty != true else { return nil }
        return fit(index, path, segments)
    }

    /// Whether a literal of the template stands for the last of `count` segments.
    private func takesLiteral(_ template: [PathTemplate.Segment], _ count: Int) -> Bool {
        let used = template.count == count + 1 && template.last == .rest ? template.dropLast() : template[...]
        if case .literal = used.last { return true }
        return false
    }

    private func fit(_ index: Int, _ path: [UInt8], _ segments: [Range<Int>]) -> Candidate? {
        let template = rules[index].template
        var widths = template.segments.map { _ in 1 }
        if let rest = template.segments.firstIndex(of: .rest) {
            widths[rest] = segments.count - (widths.count - 1)
            if widths[rest] < 0 { return nil }
        } else if widths.count != segments.count {
            return nil
        }
        var starts = [0]
        var rank: [Int] = []
        for (segment, width) in zip(template.segments, widths) {
            let start = starts[starts.count - 1]
            starts.append(start + width)
            switch segment {
            case .literal(let bytes):
                guard decode(path[segments[start]]) == bytes else { return nil }
                if !rank.contains(2) { rank.append(0) }
            case .wildcard: rank.append(1)
            case .rest: rank += [2, rank.count + 1 - widths.count]
            }
        }
        var captures: [Range<Int>] = []
        for variable in template.variables {
            let range = starts[variable.segments.lowerBound]..<starts[variable.segments.upperBound]
            if range.isEmpty { return nil }
            captures.append(segments[range.lowerBound].lowerBound..<segments[range.upperBound - 1].upperBound)
        }
        return Candidate(route: index, method: rules[index].method, rank: rank, captures: captures)
    }

    /// Percent-decoded, nil for a malformed escape or `%00`.
    private func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value != 0
            else { return nil }
            decoded.append(value)
            rest = rest.dropFirst(2)
        }
        return decoded
    }
}
