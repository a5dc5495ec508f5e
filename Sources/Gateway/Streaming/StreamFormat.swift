internal import Bytes

/// How the messages of a server-streaming method become one HTTP answer.
///
/// Each record is a message's JSON without line breaks. A stream that fails once it has begun ends with a record of the
/// shape `{"error": {…}}`, and one that ends well with its proper end, so that a client can tell the two from an answer
/// that was cut off.
enum StreamFormat: CaseIterable {
    /// A record a line (https://github.com/ndjson/ndjson-spec).
    case lines
    /// One JSON array; the error is its last element.
    case array
    /// Server-Sent Events (WHATWG HTML, section 9.2): a message is an event, the error an event of type `error`, the
    /// end an event of type `end`, which tells an `EventSource` to close instead of connecting again.
    case events

    /// The format that a client asked for; lines if it does not care.
    init(accept: UnsafeRawBufferPointer?) {
        let best = accept.flatMap { AcceptHeader($0).best(of: StreamFormat.offers.map(\.mediaType)) }
        self = best.map { StreamFormat.offers[$0].format } ?? .lines
    }

    /// Whether a stream in one of the formats may be answered.
    static func isAcceptable(_ accept: AcceptHeader) -> Bool {
        accept.takesJSON || accept.best(of: offers.map(\.mediaType)) != nil
    }

    /// What a stream can be, for people.
    static let offered = "application/x-ndjson, application/json or text/event-stream"

    /// The first one of a format is what its answers are called.
    private static let offers: [(mediaType: StaticString, format: StreamFormat)] = [
        ("application/x-ndjson", .lines), ("application/json", .array), ("text/event-stream", .events),
        ("application/ndjson", .lines), ("application/jsonl", .lines),
    ]

    var contentType: StaticString {
        switch self {
        case .lines: "application/x-ndjson"
        case .array: "application/json"
        case .events: "text/event-stream"
        }
    }

    /// Appends what stands before a record's JSON.
    func appendPrefix(isFirst: Bool, to output: inout ByteBuffer) {
        switch self {
        case .lines: break
        case .array: output.append(isFirst ? UInt8(ascii: "[") : UInt8(ascii: ","))
        case .events: output.append("data: ")
        }
    }

    /// Appends what stands behind a record's JSON.
    func appendSuffix(to output: inout ByteBuffer) {
        switch self {
        case .lines: output.append(UInt8(ascii: "\n"))
        // So that a reader of lines sees each element when it comes.
        case .array: output.append(UInt8(ascii: "\n"))
        case .events: output.append("\n\n")
        }
    }

    /// Appends the stream's proper end.
    func appendEnd(isEmpty: Bool, to output: inout ByteBuffer) {
        switch self {
        case .lines: break
        case .array: output.append(isEmpty ? "[]\n" : "]\n")
        case .events: output.append("event: end\ndata: {}\n\n")
        }
    }

    /// Appends what clients of Server-Sent Events pass over.
    static func appendComment(to output: inout ByteBuffer) {
        output.append(":\n\n")
    }

    /// Appends an error document as the last record, and the end; only behind another record.
    func appendError(_ document: borrowing ByteBuffer, to output: inout ByteBuffer) {
        if self == .events { output.append("event: error\n") }
        appendPrefix(isFirst: false, to: &output)
        output.append(contentsOf: document.bytes)
        appendSuffix(to: &output)
        if self == .array { output.append("]\n") }
    }
}
