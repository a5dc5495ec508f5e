import GatewayTesting
import Testing

@testable import YAML

/// Texts that are no longer quite YAML.
@Suite
struct MutationTests {
    private static let whole = """
        %TAG !e! tag:example.com,2026:
        ---
        # comment
        type: google.api.Service
        http: {rules: [{get: '/v1/{name=things/*}', "body": "*\\n"}, ], x: !e!t y}
        list:
        - &a one
        - - !!str 2
          - |2-
             text
        ? key
        : >+
          folded
           more

        last: "multi \\
          line"
        """
    private static let pieces = [
        "- ", "? ", ": ", ":", "\n", "\r", "  ", "\t", "[", "]", "{", "}", ",", "&a ", "*a", "!t ", "!<x> ", "|",
        ">-\n",
        "'", "\"", "\\", "\\0", "\\ud800", " #", "---\n", "...\n", "%YAML 1.1\n", "\u{FEFF}", "\u{85}", "\u{2028}", "é",
        "\u{0}", "~", "@", "a: 1\n", "<<: ",
    ]

    /// Each is read or refused with a message, and what is read is the same when it was written and read again.
    @Test(.timeLimit(.minutes(1)))
    func writtenAgainTheyAreTheSame() throws {
        var generator = SeededRandom(seed: 2026)
        var read = 0
        for _ in 0..<5_000 {
            let text = mutated(&generator)
            let root: Node?
            do throws(YAMLError) {
                root = try Document.root(of: text)
            } catch {
                #expect(!error.message.isEmpty)
                continue
            }
            guard let root else { continue }
            read += 1
            let emitter = try Emitter()
            try write(root, to: emitter)
            let again = try emitter.finish()
            let copy = try #require(try Document.root(of: Array(again.utf8)))
            #expect(outline(copy) == outline(root), "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(read > 500)
    }

    private func mutated(_ generator: inout SeededRandom) -> [UInt8] {
        var text = Array(Self.whole.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0..<text.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: text[place] ^= 1 << UInt8.random(in: 0..<7, using: &generator)
            case 1: text.removeSubrange(place..<min(text.count - 1, place + 8))
            default:
                let piece = Self.pieces.randomElement(using: &generator) ?? ""
                text.insert(contentsOf: piece.utf8, at: place)
            }
        }
        return text
    }

    /// Keys and texts in quotes, in which everything can be escaped.
    private func write(_ node: Node, to emitter: Emitter) throws(YAMLError) {
        switch node.content {
        case .scalar(let text, _): try emitter.scalar(text, .doubleQuoted)
        case .sequence(let elements):
            try emitter.beginSequence()
            for element in elements { try write(element, to: emitter) }
            try emitter.endSequence()
        case .mapping(let members):
            try emitter.beginMapping()
            for member in members {
                try emitter.scalar(member.key, .doubleQuoted)
                try write(member.value, to: emitter)
            }
            try emitter.endMapping()
        }
    }

    /// What a tree holds, without places, tags and styles.
    private func outline(_ node: Node) -> String {
        switch node.content {
        case .scalar(let text, _): "\"\(text)\""
        case .sequence(let elements): "[\(elements.map(outline).joined(separator: ","))]"
        case .mapping(let members): "{\(members.map { "\"\($0.key)\":\(outline($0.value))" }.joined(separator: ","))}"
        }
    }
}
