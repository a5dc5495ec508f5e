/// Why a path template is refused, and at which byte.
package struct PathTemplateError: Error, Hashable, Sendable {
    package let template: String
    /// Bytes from the template's start, up to and including its length.
    package let offset: Int
    package let message: String

    package init(template: String, offset: Int, message: String) {
        self.template = template
        self.offset = offset
        self.message = message
    }

    /// The template and, on a second line, a caret under ``offset``.
    ///
    /// Control characters, which could break the line, are shown as U+FFFD.
    package var excerpt: String {
        let shown = String(
            String.UnicodeScalarView(
                template.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
            )
        )
        let before = String(decoding: template.utf8.prefix(offset), as: UTF8.self)
        return "\(shown)\n\(String(repeating: " ", count: before.count))^"
    }
}

extension PathTemplateError: CustomStringConvertible {
    package var description: String { "\(message)\n\(excerpt)" }
}
