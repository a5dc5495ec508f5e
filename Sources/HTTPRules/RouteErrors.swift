/// Everything that is wrong with the HTTP rules of a schema, in its order.
package struct RouteErrors: Error, Hashable, Sendable {
    /// At least one.
    package let problems: [RouteProblem]
}

extension RouteErrors: CustomStringConvertible {
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
