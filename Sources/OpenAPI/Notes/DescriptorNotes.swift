/// What a descriptor set says to people: comments, deprecation, examples, the order of declaration.
///
/// By full names, as those of ``ProtobufSchema/Schema``. The request path needs none of it, so the compiled tables do not
/// have it.
package struct DescriptorNotes: Sendable {
    /// Of a service, method, message, enum, value or oneof.
    package struct Note: Sendable {
        package var comment = CommentText()
        package var isDeprecated = false
    }

    /// Of a field or extension.
    package struct FieldNote: Sendable {
        package var note = Note()
        /// Place in the message's declaration.
        package var order = 0
        /// `mltraining.gateway.v1.docs`, as are the two after it: values, several for a list, `key=value` for a map.
        package var examples: [String] = []
        /// Left out of examples.
        package var isAbsentInExamples = false
        /// What a string must match where it is not empty.
        package var pattern: String?
        /// `google.api.field_behavior` has `REQUIRED`.
        package var isRequired = false
        /// `google.api.field_behavior` has `OUTPUT_ONLY`.
        package var isOutputOnly = false
        /// `default_value` (proto2), as descriptor.proto writes it.
        package var defaultText: String?
    }

    package struct MessageNote: Sendable {
        package var note = Note()
        package var fields: [Int32: FieldNote] = [:]
        /// Names and comments, in order of declaration.
        package var oneofs: [(name: String, note: Note)] = []
    }

    package struct EnumNote: Sendable {
        package var note = Note()
        package var values: [String: Note] = [:]
    }

    package internal(set) var services: [String: Note] = [:]
    /// By `pkg.Service.Method`.
    package internal(set) var methods: [String: Note] = [:]
    package internal(set) var messages: [String: MessageNote] = [:]
    package internal(set) var enums: [String: EnumNote] = [:]
    /// By the extension's own full name.
    package internal(set) var extensions: [String: FieldNote] = [:]

    package init() {}

    /// Reads the notes of a serialized `FileDescriptorSet`, which need not be trusted.
    ///
    /// What cannot be read has no notes; whether the set as a whole is any good is for the schema's compiler to tell.
    package init(descriptorSet bytes: [UInt8]) {
        var reader = NotesReader()
        bytes.withUnsafeBytes { reader.read(set: $0) }
        self = reader.notes
        for (name, common) in DescriptorNotes.common {
            guard let known = messages[name], known.note.comment.isEmpty else { continue }
            messages[name]?.note.comment = CommentText(common.comment)
            for (number, comment) in common.fields {
                messages[name]?.fields[number]?.note.comment = CommentText(comment)
            }
        }
    }

    /// Words for messages of Google's that many APIs have, where a set comes without comments on them.
    private static let common: [String: (comment: String, fields: [Int32: String])] = [
        "google.rpc.Status": (
            "How a call or a task ended.",
            [1: "Number of the gRPC status code.", 2: "What went wrong, for developers.", 3: "What else is known."]
        ),
        "google.protobuf.Empty": ("Nothing.", [:]),
    ]
}
