package import ProtobufSchema

/// What of the request message the HTTP body stands for (`google.api.HttpRule.body`).
package enum BodyBinding: Hashable, Sendable {
    /// No body may come.
    case none
    /// The whole message, `body: "*"`.
    case message
    /// One of its fields.
    case field(FieldIndex)
}
