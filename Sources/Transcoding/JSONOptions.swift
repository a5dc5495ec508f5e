/// How messages are printed.
package struct JSONOptions: Hashable, Sendable {
    /// Leaves out fields without presence that hold their default; they are printed otherwise, empty lists and maps too.
    package var omitsDefaults: Bool
    /// Names fields as the `.proto` file does instead of in lowerCamelCase.
    package var usesOriginalNames: Bool
    /// Prints enums by number instead of by name.
    package var printsEnumsAsNumbers: Bool

    package init(
        omitsDefaults: Bool = false,
        usesOriginalNames: Bool = false,
        printsEnumsAsNumbers: Bool = false
    ) {
        self.omitsDefaults = omitsDefaults
        self.usesOriginalNames = usesOriginalNames
        self.printsEnumsAsNumbers = printsEnumsAsNumbers
    }
}
