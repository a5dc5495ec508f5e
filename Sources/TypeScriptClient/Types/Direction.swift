/// Who writes a message: what the gateway takes is more than what it prints.
enum Direction: CaseIterable {
    /// ProtoJSON with all its liberties: fields may be missing or null, numbers may be strings.
    case request
    /// What the gateway prints.
    case answer
}
