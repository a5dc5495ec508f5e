package import HTTPRules
package import ProtobufSchema

/// The OpenAPI 3.1 document of a served API.
///
/// Made from the descriptor set and the routes that a gateway has, so that it says what that gateway does. Nothing of it
/// is on the request path.
package struct OpenAPIDocument: Sendable {
    /// The document as a tree, in the order in which it is written.
    package let root: JSONValue

    /// Documents `routes`, in their order; `descriptorSet` is what `schema` was compiled from, and has the comments.
    package init(
        schema: Schema,
        routes: [Route],
        descriptorSet: [UInt8],
        options: OpenAPIOptions = OpenAPIOptions()
    ) {
        // Those that people use come first.
        let ordered = routes.filter { !$0.isGRPCPath } + routes.filter(\.isGRPCPath)
        let notes = DescriptorNotes(descriptorSet: descriptorSet)
        let catalog = Catalog(schema, ordered, notes, options)
        root = DocumentBuilder(catalog, ordered).document()
    }

    /// The text as JSON (RFC 8259), indented, with a line feed at the end.
    package func json() -> String { JSONWriter.text(of: root) }

    /// The text as YAML 1.2.
    package func yaml() throws -> String { try YAMLWriter.text(of: root) }
}
