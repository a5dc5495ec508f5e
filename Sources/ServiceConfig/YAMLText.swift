import HTTPRules
import Yams

/// A YAML text that is checked before it is given to Yams, so that no file can crash or stall the program.
///
/// Yams hashes every mapping key to find those that occur twice, and a key may be a whole tree: aliases make it one that
/// takes years, and keys in keys take the text's length times their nesting. libYAML bounds the nesting at 1,000, and keys
/// without a `?` at 1,024 characters.
struct YAMLText {
    /// Keys with a `?` before them that a text may have.
    private static let maximumExplicitKeys = 16

    private let bytes: [UInt8]
    private let file: String

    init(_ bytes: [UInt8], file: String) {
        // libYAML counts a byte order mark as a column, which breaks the indentation of the first line.
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.file = file
    }

    /// The one document of the text, which is not empty.
    func parse() throws(RouteProblem) -> Node {
        if let root = try root() { return root }
        throw RouteProblem("the file is empty", at: SourcePlace(file: file, line: 1, column: 1))
    }

    /// The one document of the text, nil if there is nothing but white space and comments.
    func root() throws(RouteProblem) -> Node? {
        guard bytes.count <= ServiceConfig.maximumBytes else {
            let message = "the file is larger than \(ServiceConfig.maximumBytes) bytes"
            throw RouteProblem(message, at: SourcePlace(file: file))
        }
        if let index = bytes.firstIndex(of: 0) { throw problem("the file holds a NUL", at: index) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw problem("the file is not UTF-8", at: firstInvalidByte)
        }
        if let index = firstAlias { throw problem("aliases are not supported", at: index) }
        if let index = firstExplicitKeyTooMany { throw problem("there are too many explicit keys (\"?\")", at: index) }
        do {
            // The basic resolver takes each scalar for a string; what it is, its reader decides.
            let parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            return try parser.singleRoot()
        } catch let error as YamlError {
            throw describe(error, text)
        } catch {
            throw RouteProblem("not valid YAML: \(error)", at: SourcePlace(file: file))
        }
    }

    // MARK: Before parsing

    private var firstInvalidByte: Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset
    }

    /// Where an alias may stand that refers to an anchor of the text.
    ///
    /// Looks at every `*name` and `&name` where a token may begin, strings and comments too, and so errs on the safe side;
    /// names that do not meet are no alias.
    private var firstAlias: Int? {
        var anchors: Set<ArraySlice<UInt8>> = []
        for index in bytes.indices where bytes[index] == UInt8(ascii: "&") && mayBeginToken(index) {
            let name = name(after: index)
            if !name.isEmpty { anchors.insert(name) }
        }
        guard !anchors.isEmpty else { return nil }
        return bytes.indices.first {
            bytes[$0] == UInt8(ascii: "*") && mayBeginToken($0) && anchors.contains(name(after: $0))
        }
    }

    /// Whether white space, an indicator or what may be a line break stands before `index`.
    private func mayBeginToken(_ index: Int) -> Bool {
        guard index > 0 else { return true }
        switch bytes[index - 1] {
        case 0...0x20, 0x80...: return true
        default: return "[]{},:-?!\"'|>".utf8.contains(bytes[index - 1])
        }
    }

    /// The first `?` after the bound that may begin a key: one that follows an indicator or a line's indentation.
    private var firstExplicitKeyTooMany: Int? {
        var count = 0
        var mayBegin = true
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): continue
            case UInt8(ascii: "?") where mayBegin:
                count += 1
                if count > Self.maximumExplicitKeys { return index }
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ","),
                UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "?"), 0x80...:
                // Bytes that are not ASCII may be a line break.
                mayBegin = true
            default: mayBegin = false
            }
        }
        return nil
    }

    /// The name of an anchor as libYAML reads it: letters, digits, `_` and `-`.
    private func name(after index: Int) -> ArraySlice<UInt8> {
        bytes[(index + 1)...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    // MARK: Errors

    private func problem(_ message: String, at offset: Int) -> RouteProblem {
        let before = bytes[..<offset]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: bytes[start..<offset], as: UTF8.self).unicodeScalars.count + 1
        return RouteProblem(message, at: SourcePlace(file: file, line: line, column: column))
    }

    private func describe(_ error: YamlError, _ text: String) -> RouteProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return RouteProblem("not valid YAML: \(sentence(problem, context))", at: SourcePlace(file: file, mark))
        case .duplicatedKeysInMapping(let names, let context):
            let name = names.first ?? ""
            return RouteProblem("the key \"\(name)\" occurs twice", at: SourcePlace(file: file, context.mark))
        case .reader(let problem, let offset, _, _):
            let index = text.index(text.startIndex, offsetBy: offset ?? 0, limitedBy: text.endIndex) ?? text.endIndex
            return self.problem("not valid YAML: \(problem)", at: text.utf8.distance(from: text.startIndex, to: index))
        default:
            return RouteProblem("not valid YAML", at: SourcePlace(file: file))
        }
    }

    private func sentence(_ problem: String, _ context: YamlError.Context?) -> String {
        if problem.hasPrefix("Maximum nesting level") { return "nested too deep" }
        return context.map { "\($0.text), \(problem)" } ?? problem
    }
}

extension SourcePlace {
    init(file: String, _ mark: Mark?) {
        self.init(file: file, line: mark?.line, column: mark?.column)
    }
}
