/// An enum in words.
package struct EnumInfo: Sendable {
    package let fullName: String
    /// Every name, aliases too, in order of declaration.
    package let values: [(name: String, number: Int32)]
    package let isClosed: Bool
}
