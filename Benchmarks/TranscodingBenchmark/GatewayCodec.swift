import Bytes
import HTTPRules
import ProtobufSchema
import Transcoding

/// The gateway's transcoders as a worker holds them, with one output buffer.
final class GatewayCodec {
    private var requests: RequestTranscoder
    private var responses: ResponseTranscoder
    private var output = ByteBuffer()

    init(_ schema: Schema, options: JSONOptions = JSONOptions(), ignoresUnknownFields: Bool = false) {
        requests = RequestTranscoder(schema: schema, ignoresUnknownFields: ignoresUnknownFields)
        responses = ResponseTranscoder(schema: schema, options: options)
    }

    /// Puts the JSON of `wire` into the output.
    func printJSON(_ wire: UnsafeRawBufferPointer, _ type: MessageIndex) throws {
        output.truncate(to: 0)
        try responses.transcode(wire, type: type, into: &output)
    }

    /// Puts the message that `json` stands for into the output.
    func readJSON(_ json: UnsafeRawBufferPointer, _ type: MessageIndex) throws {
        output.truncate(to: 0)
        requests.begin(type)
        try requests.transcode(body: json, binding: .message, into: &output)
    }

    /// The same as ``printJSON(_:_:)`` into a buffer of its own that starts small, as a request has it.
    func printJSONToNewBuffer(_ wire: UnsafeRawBufferPointer, _ type: MessageIndex) throws {
        output = ByteBuffer(capacity: 256)
        try responses.transcode(wire, type: type, into: &output)
    }

    /// The same as ``readJSON(_:_:)`` into a buffer of its own that starts small, as a request has it.
    func readJSONToNewBuffer(_ json: UnsafeRawBufferPointer, _ type: MessageIndex) throws {
        output = ByteBuffer(capacity: 256)
        requests.begin(type)
        try requests.transcode(body: json, binding: .message, into: &output)
    }

    var outputBytes: [UInt8] { Array(output.bytes) }

    var outputCount: Int { output.count }
}
