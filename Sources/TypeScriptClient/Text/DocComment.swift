/// A TSDoc comment.
struct DocComment {
    /// Longest line of prose, with indentation.
    private static let width = 120

    private var paragraphs: [String] = []

    /// The comment of a `.proto` file, whose lines are kept.
    init(_ text: String?, isDeprecated: Bool = false) {
        add(text)
        if isDeprecated { add("@deprecated", isOwn: true) }
    }

    var isEmpty: Bool { paragraphs.isEmpty }

    /// Adds a paragraph; one that is not the generator's own (`isOwn`) cannot have tags of TSDoc.
    mutating func add(_ text: String?, isOwn: Bool = false) {
        guard let text else { return }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            DocComment.escaped(line, isOwn: isOwn)
        }
        let paragraph = lines.drop(while: \.isEmpty).reversed().drop(while: \.isEmpty).reversed()
        if !paragraph.isEmpty { paragraphs.append(paragraph.joined(separator: "\n")) }
    }

    /// The comment's lines; none where there is nothing to say.
    func lines(indentation: Int) -> [String] {
        if isEmpty { return [] }
        let lines = paragraphs.joined(separator: "\n\n").split(separator: "\n", omittingEmptySubsequences: false)
        if lines.count == 1, indentation + lines[0].count + 7 <= DocComment.width { return ["/** \(lines[0]) */"] }
        return ["/**"] + lines.map { $0.isEmpty ? " *" : " * \($0)" } + [" */"]
    }

    /// Text that neither ends the comment nor means anything to compilers.
    private static func escaped(_ line: Substring, isOwn: Bool) -> String {
        var result = ""
        var previous: Unicode.Scalar = " "
        for scalar in line.unicodeScalars {
            switch scalar {
            case "/" where previous == "*": result += "\\/"
            // Where a tag can begin: `@deprecated`, `{@link`, `@ts-ignore`.
            case "@" where !isOwn && (previous == " " || previous == "{" || previous == "*"): result += "\\@"
            case "\t": result += " "
            default: if !TypeScriptText.isUnsafe(scalar) { result.unicodeScalars.append(scalar) }
            }
            if !TypeScriptText.isUnsafe(scalar) { previous = scalar }
        }
        while result.last == " " { result.removeLast() }
        return result
    }
}
