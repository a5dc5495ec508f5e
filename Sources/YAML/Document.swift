/// Reads a text that holds one YAML document (YAML 1.1, as libyaml reads it) into a tree.
///
/// No text takes much more time or memory than its size has it, nor much stack: what would, is refused.
package struct Document: ~Copyable {
    /// Levels that a tree may have, a scalar alone being one.
    ///
    /// At each token libyaml looks at each level of brackets that is open.
    package static let maximumDepth = 100
    /// `%TAG` directives, with each of which libyaml compares all those before.
    private static let maximumTagDirectives = 16
    /// Bytes of such a line, which each tag that refers to it repeats.
    private static let maximumTagDirective = 256

    private let events: EventStream
    private var anchors: Set<String> = []

    /// The root of the document in `text`, nil if there is nothing but white space and comments.
    ///
    /// Throws for what is no YAML or not UTF-8, for a second document, a key that occurs twice or is no scalar, for
    /// aliases, and for more than ``maximumDepth`` levels. The text's length is its owner's to bound.
    package static func root(of text: [UInt8]) throws(YAMLError) -> Node? {
        guard !text.isEmpty else { return nil }
        try checkTagDirectives(text)
        return try text.withUnsafeBufferPointer { (bytes) throws(YAMLError) -> Node? in
            var document = try Document(events: EventStream(bytes))
            return try document.root()
        }
    }

    private init(events: EventStream) {
        self.events = events
    }

    /// Looks at them wherever they stand, in strings and comments too.
    private static func checkTagDirectives(_ text: [UInt8]) throws(YAMLError) {
        let directive = Array("%TAG".utf8)
        var count = 0
        for index in text.indices where text[index] == directive[0] && text[index...].starts(with: directive) {
            count += 1
            guard count <= maximumTagDirectives else {
                throw YAMLError("there are too many %TAG directives", at: Mark(offset: index, in: text))
            }
            let line = text[index...].prefix(maximumTagDirective)
            guard line.endIndex == text.endIndex || line.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
                let message = "a %TAG directive has more than \(maximumTagDirective) bytes"
                throw YAMLError(message, at: Mark(offset: index, in: text))
            }
        }
    }

    private mutating func root() throws(YAMLError) -> Node? {
        _ = try events.next()
        guard case .documentStart = try events.next().kind else { return nil }
        let root = try node(events.next(), depth: 1)
        _ = try events.next()
        let end = try events.next()
        guard case .streamEnd = end.kind else {
            let message = "not valid YAML: expected a single document in the stream, but found another document"
            throw YAMLError(message, at: end.mark)
        }
        return root
    }

    /// The node that begins with `event`.
    private mutating func node(_ event: EventStream.Event, depth: Int) throws(YAMLError) -> Node {
        guard depth <= Self.maximumDepth else {
            throw YAMLError("nested too deep, more than \(Self.maximumDepth) levels", at: event.mark)
        }
        if let anchor = event.anchor { anchors.insert(anchor) }
        let content: Node.Content =
            switch event.kind {
            case .scalar(let text, let style): .scalar(text, style)
            case .sequenceStart: .sequence(try elements(depth: depth + 1))
            case .mappingStart: .mapping(try members(depth: depth + 1))
            default: throw refusal(of: event)
            }
        return Node(content: content, tag: event.tag, mark: event.mark)
    }

    private mutating func elements(depth: Int) throws(YAMLError) -> [Node] {
        var elements: [Node] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return elements }
            elements.append(try node(event, depth: depth))
        }
    }

    private mutating func members(depth: Int) throws(YAMLError) -> [Node.Member] {
        var members: [Node.Member] = []
        var keys: [String: Mark] = [:]
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return members }
            guard case .scalar(let key, _) = event.kind else { throw refusal(of: event) }
            if let first = keys.updateValue(event.mark, forKey: key) {
                throw YAMLError("the key \"\(key)\" occurs twice", at: first)
            }
            if let anchor = event.anchor { anchors.insert(anchor) }
            let value = try node(events.next(), depth: depth)
            members.append(Node.Member(key: key, keyMark: event.mark, value: value))
        }
    }

    /// Why there can be no such event where a node or a key begins.
    private func refusal(of event: EventStream.Event) -> YAMLError {
        let message =
            switch event.kind {
            case .alias(let name) where anchors.contains(name): "aliases are not supported"
            case .alias: "not valid YAML: found undefined alias"
            case .sequenceStart: "a key is a text, found a list"
            case .mappingStart: "a key is a text, found a mapping"
            default: "not valid YAML"
            }
        return YAMLError(message, at: event.mark)
    }
}
