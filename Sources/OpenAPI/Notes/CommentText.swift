/// A comment of a `.proto` file, cleaned of what is not text.
package struct CommentText: Hashable, Sendable {
    /// Longest first paragraph that is a summary as a whole.
    private static let maximumSummaryCount = 120

    /// Lines without the space behind the comment sign and without trailing white space; empty for no comment.
    package let text: String

    package init() { text = "" }

    /// Cleans `raw`, which may be anything: control characters but for line breaks and tabs are left out.
    package init(_ raw: String) {
        let lines = raw.split(separator: "\n", omittingEmptySubsequences: false).map(CommentText.clean)
        // One space stands behind the comment sign; more of it is indentation, as of a list.
        let margin = lines.filter { !$0.isEmpty }.allSatisfy { $0.hasPrefix(" ") } ? 1 : 0
        let kept = lines.map { String($0.dropFirst($0.isEmpty ? 0 : margin)) }
        guard let first = kept.firstIndex(where: { !$0.isEmpty }), let last = kept.lastIndex(where: { !$0.isEmpty })
        else {
            text = ""
            return
        }
        text = kept[first...last].joined(separator: "\n")
    }

    package var isEmpty: Bool { text.isEmpty }

    private static func clean(_ line: Substring) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\t": scalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                continue
            default: scalars.append(scalar)
            }
        }
        while let last = scalars.last, last == " " || last == "\t" { scalars.removeLast() }
        return String(scalars)
    }

    /// The first paragraph as one line, or its first sentence where the paragraph is long; without a full stop.
    package var summary: String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
        let paragraph = lines.joined(separator: " ")
        guard paragraph.count > CommentText.maximumSummaryCount else { return CommentText.withoutStop(paragraph) }
        var previous: Character = " "
        for (place, character) in zip(paragraph.indices, paragraph) {
            if character == " ", previous == "." || previous == "!" || previous == "?" {
                return CommentText.withoutStop(String(paragraph[..<place]))
            }
            previous = character
        }
        return CommentText.withoutStop(paragraph)
    }

    /// What there is to read besides ``summary``: the paragraphs behind the first, or all of them where only its first
    /// sentence is the summary.
    package var body: String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.prefix { !$0.isEmpty }
        guard first.joined(separator: " ").count <= CommentText.maximumSummaryCount else { return text }
        return lines.dropFirst(first.count).drop { $0.isEmpty }.joined(separator: "\n")
    }

    private static func withoutStop(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}
