/// What is wrong with one HTTP rule, and where.
package struct RouteProblem: Error, Hashable, Sendable {
    package let place: SourcePlace
    /// Full name of the method, `pkg.Service.Method`; nil where it is not about a method's rule.
    package let method: String?
    /// The template and the byte at fault, where it is the template's fault.
    package let template: PathTemplateError?
    package let message: String

    package init(
        _ message: String,
        at place: SourcePlace,
        method: String? = nil,
        template: PathTemplateError? = nil
    ) {
        self.place = place
        self.method = method
        self.template = template
        self.message = message
    }
}

extension RouteProblem: CustomStringConvertible {
    /// `place: method: message`, then the template and a caret, indented.
    package var description: String {
        let head = "\(place): \(method.map { "\($0): " } ?? "")\(message)"
        guard let template, !template.template.isEmpty else { return head }
        return ([head] + template.excerpt.split(separator: "\n").map { "    \($0)" }).joined(separator: "\n")
    }
}
