/// Who writes a message: what a client may send is not what it gets.
enum Direction: CaseIterable {
    /// Whatever the gateway takes: fields may be missing or null, numbers may be strings.
    case request
    /// What the gateway prints.
    case answer
}
