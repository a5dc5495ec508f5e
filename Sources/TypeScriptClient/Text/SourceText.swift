/// TypeScript that is being written, line by line.
struct SourceText {
    private(set) var text = ""
    private var depth = 0

    /// Adds a line; an empty one ends a paragraph.
    mutating func line(_ line: String = "") {
        if !line.isEmpty { text += String(repeating: "  ", count: depth) + line }
        text += "\n"
    }

    mutating func comment(_ comment: DocComment) {
        for line in comment.lines(indentation: depth * 2) { self.line(line) }
    }

    /// Adds what `body` adds, one level deeper, between two lines.
    mutating func block(_ opening: String, _ closing: String = "}", _ body: (inout SourceText) -> Void) {
        line(opening)
        indented(body)
        line(closing)
    }

    /// Adds what `body` adds, one level deeper.
    mutating func indented(_ body: (inout SourceText) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }
}
