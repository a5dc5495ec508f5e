/// What is wrong with one HTTP rule, and where.
package struct RouteProblem: Error, Hashable, Sendable {
    /// Path of the `.proto` file.
    package let file: String
    /// Line of the method, from 1, where the descriptor set has source information.
    package let line: Int?
    /// Full name of the method, `pkg.Service.Method`.
    package let method: String
    /// The template and the byte at fault, where it is the template's fault.
    package let place: PathTemplateError?
    package let message: String
}

extension RouteProblem: CustomStringConvertible {
    /// `file:line: method: message`, then the template and a caret, indented.
    package var description: String {
        let head = "\(file):\(line.map { "\($0):" } ?? "") \(method): \(message)"
        guard let place, !place.template.isEmpty else { return head }
        return ([head] + place.excerpt.split(separator: "\n").map { "    \($0)" }).joined(separator: "\n")
    }
}
