import HTTPRules
import ProtobufSchema
import YAML

/// Walks the tree of a service configuration and collects its rules and all that is wrong with them.
///
/// Nothing here goes deeper than an additional binding's pattern, whatever the nesting of the file.
struct RuleFileReader {
    private static let patterns = ["get", "put", "post", "delete", "patch"]
    private static let ruleKeys =
        ["selector"] + patterns + ["custom", "body", "response_body", "additional_bindings"]

    private(set) var ruleFile: RuleFile
    private let file: String

    init(file: String) {
        self.file = file
        ruleFile = RuleFile(name: file)
    }

    /// Throws if `root` is no service configuration.
    mutating func read(_ root: Node) throws(RouteProblem) {
        guard case .mapping(let mapping) = root.content else {
            throw problem("a service configuration is a mapping, found \(YAMLValue.name(of: root))", root)
        }
        var http: Node?
        var type: Node?
        for member in mapping {
            switch member.key {
            case "type": type = member.value
            case "http": http = member.value
            case "config_version", "configVersion": checkVersion(member.value)
            default: break
            }
        }
        guard let type else { throw problem("there is no \"type: google.api.Service\"", root) }
        guard YAMLValue.string(type) == "google.api.Service" else {
            throw problem("the type is not \"google.api.Service\"", type)
        }
        guard let http else { throw problem("there is no section \"http\"", root) }
        readHTTP(http)
    }

    private mutating func checkVersion(_ node: Node) {
        // A UInt32Value, so a string would do too.
        guard case .scalar(let text, _) = node.content, text == "3" || YAMLValue.isNull(node) else {
            report("config_version: only version 3 is known", node)
            return
        }
    }

    private mutating func readHTTP(_ node: Node) {
        let keys = ["rules", "fully_decode_reserved_expansion"]
        for (key, keyMark, value) in members(of: node, "http", keys) {
            if key == "rules" {
                for rule in elements(of: value, "http.rules") { readRule(rule) }
            } else if YAMLValue.bool(value) == true {
                report("\(key): true is not supported: captures of several segments keep %2F", keyMark)
            } else if YAMLValue.bool(value) == nil {
                report("\(key): expected true or false, found \(YAMLValue.name(of: value))", value)
            }
        }
    }

    // MARK: Rules

    private mutating func readRule(_ node: Node) {
        var selector: (text: String, node: Node)?
        var bindings: [Node] = []
        var rule = HTTPRule()
        rule.places = HTTPRule.Places(place(node))
        var isReadable = true
        for (key, keyMark, value) in members(of: node, "an HTTP rule", Self.ruleKeys) {
            switch key {
            case "selector":
                guard let text = string(key, value) else { return }
                selector = (text, value)
            case "additional_bindings": bindings = elements(of: value, key)
            default: if !readPart(key, keyMark, value, into: &rule) { isReadable = false }
            }
        }
        rule.additionalBindings = bindings.compactMap { readBinding($0, of: selector?.text) }
        guard let selector else {
            if case .mapping = node.content { report("the HTTP rule has no selector", node) }
            return
        }
        rule.selector = selector.text
        let entry = RuleFile.Entry(
            selector: selector.text,
            place: place(selector.node),
            rule: isReadable ? rule : nil
        )
        ruleFile.entries.append(entry)
    }

    /// Nil if its pattern cannot be read.
    private mutating func readBinding(_ node: Node, of selector: String?) -> HTTPRule? {
        guard case .mapping = node.content else {
            report("an additional binding is a mapping, found \(YAMLValue.name(of: node))", node)
            return nil
        }
        var rule = HTTPRule()
        rule.places = HTTPRule.Places(place(node))
        var isReadable = true
        for (key, keyMark, value) in members(of: node, "an additional binding", Self.ruleKeys) {
            switch key {
            case "selector":
                guard let text = string(key, value), text != selector else { continue }
                report("an additional binding is for the method of its rule", value)
            case "additional_bindings": report("an additional binding has additional bindings of its own", keyMark)
            default: if !readPart(key, keyMark, value, into: &rule) { isReadable = false }
            }
        }
        return isReadable ? rule : nil
    }

    /// Reads what rules and additional bindings have in common; false if it is a pattern that cannot be read.
    private mutating func readPart(_ key: String, _ keyMark: Mark, _ value: Node, into rule: inout HTTPRule) -> Bool {
        switch key {
        case "body":
            rule.body = string(key, value) ?? ""
            rule.places?.body = place(value)
        case "response_body":
            rule.responseBody = string(key, value) ?? ""
            rule.places?.responseBody = place(value)
        case _ where rule.method != nil:
            report("the HTTP rule has a second pattern, \"\(key)\"", keyMark)
        case "custom":
            // Without a kind it is told as such, not as a rule without a pattern.
            rule.method = ""
            rule.places?.pattern = place(value)
            guard case .mapping = value.content else {
                report("custom: expected a mapping, found \(YAMLValue.name(of: value))", value)
                return false
            }
            for (key, _, value) in members(of: value, "custom", ["kind", "path"]) {
                guard let text = string(key, value) else { return false }
                if key == "kind" {
                    rule.method = text
                } else {
                    rule.path = text
                    rule.places?.pattern = place(value)
                }
            }
        default:
            rule.method = key.uppercased()
            rule.places?.pattern = place(value)
            guard let path = string(key, value) else { return false }
            rule.path = path
        }
        return true
    }

    // MARK: Values

    /// The members of a mapping with one of these names, in either spelling; reports all others.
    ///
    /// A member that is null is absent, as everywhere in ProtoJSON.
    private mutating func members(
        of node: Node,
        _ what: String,
        _ names: [String]
    ) -> [(name: String, mark: Mark, value: Node)] {
        guard case .mapping(let mapping) = node.content else {
            report("\(what) is a mapping, found \(YAMLValue.name(of: node))", node)
            return []
        }
        var members: [(name: String, mark: Mark, value: Node)] = []
        for member in mapping {
            let text = member.key
            guard let name = names.first(where: { $0 == text || Self.camelCase($0) == text }) else {
                report("\(what) has no key \"\(text)\"\(NearestName.hint(text, among: names))", member.keyMark)
                continue
            }
            if members.contains(where: { $0.name == name }) {
                report("the key \"\(name)\" occurs twice, in both spellings", member.keyMark)
            } else if !YAMLValue.isNull(member.value) {
                members.append((name, member.keyMark, member.value))
            }
        }
        return members
    }

    private mutating func elements(of node: Node, _ what: String) -> [Node] {
        guard case .sequence(let elements) = node.content else {
            report("\(what): expected a list, found \(YAMLValue.name(of: node))", node)
            return []
        }
        return elements
    }

    private mutating func string(_ key: String, _ node: Node) -> String? {
        if let text = YAMLValue.string(node) { return text }
        report("\(key): expected a string, found \(YAMLValue.name(of: node))", node)
        return nil
    }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.dropFirst().reduce(words.first.map(String.init) ?? "") { text, word in
            text + word.prefix(1).uppercased() + word.dropFirst()
        }
    }

    private func place(_ node: Node) -> SourcePlace { SourcePlace(file: file, node.mark) }

    private func problem(_ message: String, _ node: Node) -> RouteProblem { RouteProblem(message, at: place(node)) }

    private mutating func report(_ message: String, _ node: Node) { report(message, node.mark) }

    private mutating func report(_ message: String, _ mark: Mark) {
        ruleFile.problems.append(RouteProblem(message, at: SourcePlace(file: file, mark)))
    }
}
