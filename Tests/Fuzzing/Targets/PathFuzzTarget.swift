import HTTPRules
import ProtobufSchema

/// Path templates and requests: whatever parses makes routes that match as the reference does.
///
/// An input is lines of `METHOD template`, an empty line, and lines of `METHOD path`.
final class PathFuzzTarget: FuzzTarget {
    /// Of each kind of line, so that a run stays short.
    private static let maximumLines = 12

    init() {}

    func run(_ input: UnsafeRawBufferPointer) throws(BrokenInvariant) {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let ruleLines = lines.prefix { !$0.isEmpty }.prefix(PathFuzzTarget.maximumLines)
        let requests = lines.drop { !$0.isEmpty }.dropFirst().prefix(PathFuzzTarget.maximumLines)
        var rules: [FuzzRule] = []
        for line in ruleLines {
            guard let (method, text) = split(Array(line)), let rule = try parse(method, text) else { continue }
            // The builder refuses two routes that match the same.
            if rules.contains(where: { $0.method == rule.method && $0.template.shape == rule.template.shape }) {
                continue
            }
            rules.append(rule)
        }
        guard let table = FuzzRule.table(rules) else { return }
        guard table.routes.map(\.template) == rules.map(\.template) else {
            throw BrokenInvariant("a rule is a route", Array(table.listing.utf8))
        }
        let reference = ReferenceMatcher(rules)
        for line in requests {
            guard let (method, path) = split(Array(line)) else { continue }
            try check(method, path, table, reference)
        }
    }

    /// The two words of a line; the second may hold spaces.
    private func split(_ line: [UInt8]) -> (String, [UInt8])? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        return String(validating: line[..<space], as: UTF8.self).map { ($0, Array(line[(space + 1)...])) }
    }

    private func parse(_ method: String, _ bytes: [UInt8]) throws(BrokenInvariant) -> FuzzRule? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        do throws(PathTemplateError) {
            let template = try PathTemplate(text)
            guard template.text == text, !template.segments.isEmpty else {
                throw PathTemplateError(template: text, offset: -1, message: "a template is what was written")
            }
            return FuzzRule(method: method, template: template)
        } catch {
            guard (0...bytes.count).contains(error.offset), !error.excerpt.isEmpty else {
                throw BrokenInvariant("an error has its place: \(error.message) at \(error.offset)", bytes)
            }
            return nil
        }
    }

    private func check(
        _ method: String,
        _ path: [UInt8],
        _ table: RouteTable,
        _ reference: ReferenceMatcher
    ) throws(BrokenInvariant) {
        var captures = PathCaptures()
        let match = withExactCopy(path) { path in
            Array(method.utf8).withUnsafeBytes { table.match(method: $0, path: path, captures: &captures) }
        }
        let answer: ReferenceMatcher.Answer =
            switch match {
            case .notFound: .notFound
            case .badRequest: .badRequest
            case .methodNotAllowed(let methods): .methodNotAllowed(table.allow(methods))
            case .match(let route, let isHead):
                .match(route: route, captures: (0..<captures.count).map { captures[$0].range }, isHead: isHead)
            }
        let expected = reference.answer(method, path)
        guard answer == expected else {
            throw BrokenInvariant(
                "\(answer) is what the reference says, \(expected)",
                Array(table.listing.utf8),
                Array(method.utf8),
                path
            )
        }
    }
}
