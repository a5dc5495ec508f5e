/// Everything that is wrong with the HTTP rules of a schema: those of a file apart first, then annotations.
package struct RouteErrors: Error, Hashable, Sendable {
    /// At least one.
    package let problems: [RouteProblem]

    package init(problems: [RouteProblem]) {
        self.problems = problems
    }
}

extension RouteErrors: CustomStringConvertible {
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
