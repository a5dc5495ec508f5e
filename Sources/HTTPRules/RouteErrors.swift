/// Everything that is wrong with the HTTP rules of a schema: those of a file apart first, then annotations.
package struct RouteErrors: Error, Hashable, Sendable {
    /// Problems that are worth their lines in the description.
    static let maximumDescribed = 100

    /// At least one.
    package let problems: [RouteProblem]

    package init(problems: [RouteProblem]) {
        self.problems = problems
    }
}

extension RouteErrors: CustomStringConvertible {
    package var description: String {
        var lines = problems.prefix(Self.maximumDescribed).map(\.description)
        let rest = problems.count - lines.count
        if rest > 0 { lines.append("and \(rest) more") }
        return lines.joined(separator: "\n")
    }
}
