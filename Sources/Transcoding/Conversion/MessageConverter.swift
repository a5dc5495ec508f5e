package import Bytes
import HTTPRules
package import ProtobufSchema

/// Converts whole messages between ProtoJSON and the wire format, outside of any request.
///
/// JSON to JSON goes through the wire format, so it comes out as any parser would understand it. Binary to binary is
/// checked and passed on as it is, unknown fields included.
package struct MessageConverter: ~Copyable {
    package enum Format: String, Sendable {
        case json, binary
    }

    package let schema: Schema
    private var strict: RequestTranscoder
    private var lenient: RequestTranscoder
    private var responses: ResponseTranscoder
    private let checker: WireChecker
    /// Nil for JSON on one line.
    private let indenter: JSONIndenter?
    private var line = ByteBuffer()

    /// JSON that is printed is indented by `indentation` spaces a level, or compact if that is 0.
    package init(schema: Schema, printing options: JSONOptions, indentation: Int = 0) {
        self.schema = schema
        strict = RequestTranscoder(schema: schema)
        lenient = RequestTranscoder(schema: schema, ignoresUnknownFields: true)
        responses = ResponseTranscoder(schema: schema, options: options)
        checker = WireChecker(tables: schema.tables)
        indenter = indentation > 0 ? JSONIndenter(spaces: indentation) : nil
    }

    /// The message with this full name, or an error that names the nearest.
    package func type(named name: String) throws(TranscodingError) -> MessageIndex {
        if let type = schema.message(named: name) { return type }
        let names = schema.messages.map { schema.name(of: $0) }
        throw TranscodingError("unknown message type \"\(name)\"\(NearestName.dottedHint(name, among: names))")
    }

    /// Appends `input` in the other format to `output`, which is left as it was where that cannot be done.
    package mutating func convert(
        _ input: UnsafeRawBufferPointer,
        of type: MessageIndex,
        from source: Format,
        to target: Format,
        ignoringUnknownFields: Bool,
        into output: inout ByteBuffer
    ) throws(TranscodingError) {
        switch (source, target) {
        case (.json, .binary):
            try read(input, type, ignoringUnknownFields, into: &output)
        case (.json, .json):
            var wire = ByteBuffer()
            try read(input, type, ignoringUnknownFields, into: &wire)
            try print(wire.bytes, type, into: &output)
        case (.binary, .json):
            try print(input, type, into: &output)
        case (.binary, .binary):
            do throws(WireError) {
                try checker.check(input, of: type)
            } catch {
                throw TranscodingError("not a valid \(schema.name(of: type)): \(error)")
            }
            output.append(contentsOf: input)
        }
    }

    private mutating func print(
        _ wire: UnsafeRawBufferPointer,
        _ type: MessageIndex,
        into output: inout ByteBuffer
    ) throws(TranscodingError) {
        guard let indenter else {
            try responses.transcode(wire, type: type, into: &output)
            return
        }
        line.reset()
        try responses.transcode(wire, type: type, into: &line)
        indenter.indent(line.bytes, into: &output)
    }

    private mutating func read(
        _ json: UnsafeRawBufferPointer,
        _ type: MessageIndex,
        _ ignoringUnknownFields: Bool,
        into output: inout ByteBuffer
    ) throws(TranscodingError) {
        // As the body of a request, nothing would be the empty message.
        guard json.contains(where: { $0 > 0x20 }) else { throw TranscodingError("the JSON text is empty") }
        if ignoringUnknownFields {
            lenient.begin(type)
            try lenient.transcode(body: json, binding: .message, into: &output)
        } else {
            strict.begin(type)
            try strict.transcode(body: json, binding: .message, into: &output)
        }
    }
}
