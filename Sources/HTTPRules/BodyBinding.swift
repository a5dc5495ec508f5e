package import ProtobufSchema

/// What of the request message the HTTP body stands for (`google.api.HttpRule.body`).
package enum BodyBinding: Hashable, Sendable {
    /// The request has no body.
    case none
    /// `*`: it is the whole message, and there are no query parameters.
    case message
    /// It is this field of the message.
    case field(FieldIndex)
}
