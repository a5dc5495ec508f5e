import Testing

@testable import YAML

@Suite
struct EmitterTests {
    private func text(_ write: (Emitter) throws -> Void) throws -> String {
        let emitter = try Emitter()
        try write(emitter)
        return try emitter.finish()
    }

    @Test
    func layout() throws {
        let text = try text { emitter in
            try emitter.beginMapping()
            try emitter.scalar("list", .plain)
            try emitter.beginSequence()
            try emitter.scalar("1", .plain)
            try emitter.scalar("1", .singleQuoted)
            try emitter.scalar("1", .doubleQuoted)
            try emitter.scalar("a\nb\n", .literal)
            try emitter.beginSequence()
            try emitter.endSequence()
            try emitter.beginMapping()
            try emitter.scalar("k", .plain)
            try emitter.beginMapping()
            try emitter.endMapping()
            try emitter.scalar("l", .plain)
            try emitter.scalar("", .plain)
            try emitter.endMapping()
            try emitter.endSequence()
            try emitter.endMapping()
        }
        let lines = ["list:", "- 1", "- '1'", "- \"1\"", "- |", "  a", "  b", "- []", "- k: {}", "  l:"]
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) == lines + [""])
    }

    @Test
    func linesAreNeverFolded() throws {
        let words = String(repeating: "word ", count: 1_000) + "word"
        #expect(try text { try $0.scalar(words, .plain) } == words + "\n")
        #expect(try text { try $0.scalar(words, .doubleQuoted) } == "\"\(words)\"\n")
    }

    /// Whatever style is asked for: the text comes back, and what would be plain is so only where that is right.
    @Test(arguments: [.plain, .singleQuoted, .doubleQuoted, .literal, .folded] as [ScalarStyle])
    func textsComeBack(style: ScalarStyle) throws {
        // Two texts that libyaml's reader does not take unless they are escaped.
        for tricky in TrickyTexts.all where style == .doubleQuoted || !hasByteOrderMark(tricky) {
            let written = try text { emitter in
                try emitter.beginMapping()
                try emitter.scalar("key", .plain)
                try emitter.scalar(tricky, style)
                try emitter.endMapping()
            }
            let root = try #require(try Document.root(of: Array(written.utf8)), "\(written)")
            guard case .mapping(let members) = root.content, members.count == 1, let value = members.first?.value,
                case .scalar(let read, let readStyle) = value.content
            else {
                Issue.record("\(written)")
                continue
            }
            #expect(Array(read.utf8) == Array(tricky.utf8), "\(written)")
            #expect(readStyle != .plain || style == .plain, "\(written)")
        }
    }

    private func hasByteOrderMark(_ text: String) -> Bool { text.unicodeScalars.contains { $0.value >= 0xFEFF } }

    /// A mapping has as many values as keys, and a document is one value.
    @Test
    func whatComesOutOfOrderIsRefused() throws {
        #expect(throws: YAMLError.self) { try text { try $0.endSequence() } }
        #expect(throws: YAMLError.self) {
            try text {
                try $0.scalar("a", .plain)
                try $0.scalar("b", .plain)
            }
        }
        // Given up half-way, with events that wait to be written.
        let emitter = try Emitter()
        try emitter.beginMapping()
        try emitter.scalar("a", .plain)
        try emitter.beginSequence()
    }
}
