package import HTTPRules
import YAML

/// A YAML text of one level: keys with a value or a list of values, and where each stands.
///
/// Values are text, whatever YAML takes them for: the reader of a value knows what it should be.
package struct FlatMapping: Sendable {
    package enum Value: Hashable, Sendable {
        case scalar(String)
        case list([String])
        case null
        /// What it is, with its article.
        case other(String)
    }

    package struct Member: Hashable, Sendable {
        package let key: String
        package let keyPlace: SourcePlace
        package let value: Value
        /// Of the value.
        package let place: SourcePlace
    }

    /// In their order; no key occurs twice.
    package let members: [Member]

    /// Reads `text`, the content of the file called `name`; an empty one has no members.
    package init(_ text: [UInt8], file name: String) throws(RouteProblem) {
        guard let root = try YAMLText(text, file: name).root(), !YAMLValue.isNull(root) else {
            members = []
            return
        }
        guard case .mapping(let mapping) = root.content else {
            let place = SourcePlace(file: name, root.mark)
            throw RouteProblem("expected a mapping of keys to values, found \(YAMLValue.name(of: root))", at: place)
        }
        members = mapping.map { member in
            Member(
                key: member.key,
                keyPlace: SourcePlace(file: name, member.keyMark),
                value: Self.value(of: member.value),
                place: SourcePlace(file: name, member.value.mark)
            )
        }
    }

    private static func value(of node: Node) -> Value {
        if YAMLValue.isNull(node) { return .null }
        guard case .sequence(let sequence) = node.content else {
            return text(of: node).map(Value.scalar) ?? .other(name(of: node))
        }
        guard let odd = sequence.first(where: { text(of: $0) == nil }) else {
            return .list(sequence.compactMap(text))
        }
        return .other("a list with \(name(of: odd))")
    }

    /// The text of a scalar without a tag, nil for null; none holds a NUL, which would end a path early.
    private static func text(of node: Node) -> String? {
        guard case .scalar(let text, _) = node.content, !YAMLValue.isNull(node), !YAMLValue.isTagged(node),
            !text.utf8.contains(0)
        else { return nil }
        return text
    }

    private static func name(of node: Node) -> String {
        if case .scalar(let text, _) = node.content, text.utf8.contains(0) { return "a text with a NUL" }
        return YAMLValue.name(of: node)
    }
}
