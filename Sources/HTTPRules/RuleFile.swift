/// The HTTP rules of a file apart from the `.proto` files, read but not yet checked against a schema.
///
/// The rule of a method here takes the place of its annotation entirely.
package struct RuleFile: Sendable {
    /// One rule and the method that it selects.
    package struct Entry: Sendable {
        /// Full name of a method, as far as the file is right.
        package let selector: String
        /// Where the selector is written.
        package let place: SourcePlace
        /// Nil where the rule cannot be read; ``RuleFile/problems`` says why.
        package let rule: HTTPRule?

        package init(selector: String, place: SourcePlace, rule: HTTPRule?) {
            self.selector = selector
            self.place = place
            self.rule = rule
        }
    }

    package let name: String
    package var entries: [Entry] = []
    /// What is wrong with the file whatever the schema.
    package var problems: [RouteProblem] = []

    package init(name: String) {
        self.name = name
    }
}
