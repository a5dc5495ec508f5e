/// A field in words, for whoever is not in a hurry.
package struct FieldInfo: Sendable {
    package let index: FieldIndex
    /// The message that it stands in; for an extension, the one it extends.
    package let message: MessageIndex
    package let number: Int32
    package let kind: FieldKind
    package let cardinality: Cardinality
    /// Type of a message or group; for a map, its entry.
    package let childMessage: MessageIndex?
    package let childEnum: EnumIndex?
    /// Name in the `.proto` file; `[pkg.ext]` for an extension.
    package let name: String
    package let jsonName: String
    /// Place of the oneof within the message, if the field is in one.
    package let oneof: Int?
}
