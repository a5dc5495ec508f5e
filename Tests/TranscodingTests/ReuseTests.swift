import Bytes
import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

/// A worker has one transcoder for each direction; nothing of a request may be left for the next.
@Suite
struct ReuseTests {
    let schema: Schema
    let type: MessageIndex

    init() throws {
        schema = try TestSchema.sample.get()
        type = try #require(schema.message(named: "sample.v1.Everything"))
    }

    @Test
    func requestsLeaveNothingBehind() throws {
        var transcoder = RequestTranscoder(schema: schema)
        var output = ByteBuffer()
        output.append("kept")
        let label = try Transcodings().field("inner.label", of: "sample.v1.Everything")
        /// The message that a request makes, nil if it is refused.
        func run(_ body: String, query: String = "", path: String? = nil) -> [UInt8]? {
            transcoder.begin(type)
            output.truncate(to: 4)
            do throws(TranscodingError) {
                if let path {
                    try RequestCalls.path(&transcoder, label, Array(path.utf8))
                }
                try RequestCalls.query(&transcoder, Array(query.utf8))
                try RequestCalls.body(&transcoder, Array(body.utf8), body.isEmpty ? .none : .message, &output)
            } catch {
                // Whatever was half written is gone again.
                return output.count == 4 ? nil : []
            }
            return Array(output.bytes.dropFirst(4))
        }
        let long = String(repeating: "x", count: 500)
        for _ in 0..<3 {
            #expect(run(#"{"inner":{"label":"\#(long)","inner":{"label":"\#(long)","number":"x"}}}"#) == nil)
            #expect(run(#"{"arguments":{"a":"1","a":"2"}}"#) == nil)
            #expect(run("", query: "int32Value=x", path: "p") == nil)
            #expect(run(#"{"inner":{"notes":{"a":"b","c":"#) == nil)
            #expect(run("{}", query: "int32Value=1") == nil)
            #expect(run("", query: "int32Value=1") == WireBuilder().varint(5, 1).bytes)
            #expect(run("{}", path: "p") == WireBuilder().message(17, WireBuilder().string(1, "p")).bytes)
            #expect(run("{}") == [])
            let inner = WireBuilder().message(17, WireBuilder().string(1, long))
            #expect(run(#"{"inner":{"label":"\#(long)"}}"#) == inner.bytes)
        }
    }

    @Test
    func answersLeaveNothingBehind() throws {
        var transcoder = ResponseTranscoder(schema: schema, options: JSONOptions(omitsDefaults: true))
        let unordered = WireBuilder().string(9, "b").varint(5, 1).bytes
        let broken = WireBuilder().message(41, WireBuilder().string(1, "k")).bytes + [0x4A, 9]
        for _ in 0..<3 {
            for (wire, json) in [(unordered, #"{"int32Value":1,"stringValue":"b"}"#), (broken, ""), ([], "{}")] {
                var output = ByteBuffer()
                let bytes = wire
                let isValid = bytes.withUnsafeBytes { bytes in
                    (try? transcoder.transcode(bytes, type: type, into: &output)) != nil
                }
                #expect(isValid == !json.isEmpty)
                #expect(String(decoding: output.bytes, as: UTF8.self) == json)
            }
        }
    }

    /// Scratch memory that one request has made large is given back when the request is done.
    @Test
    func largeRequestsLeaveNoMemoryBehind() throws {
        var transcoder = RequestTranscoder(schema: schema)
        var output = ByteBuffer()
        let keys = (0..<100_000).map { #""\#($0)":"""# }.joined(separator: ",")
        let long = String(repeating: "x", count: 130)
        let inners = (0..<70_000).map { _ in #"{"label":"\#(long)"}"# }.joined(separator: ",")
        let escaped = String(repeating: "\\n", count: 100_000)
        for body in [
            #"{"arguments":{\#(keys)}}"#, #"{"inners":[\#(inners)]}"#, #"{"\#(escaped)":1}"#,
            #"{"arguments":{\#(keys)}"#,
        ] {
            transcoder.begin(type)
            output.truncate(to: 0)
            try? RequestCalls.body(&transcoder, Array(body.utf8), .message, &output)
            let isTextSmall = transcoder.text.capacity <= ByteBuffer.keptCapacity
            #expect(isTextSmall)
            #expect(transcoder.keys.capacity <= 65_536)
            #expect(transcoder.lengths.capacity <= 65_536)
        }
        transcoder.begin(type)
        let query = (0..<100_000).map { _ in "int32s=1" }.joined(separator: "&")
        try RequestCalls.query(&transcoder, Array(query.utf8))
        output.truncate(to: 0)
        try RequestCalls.body(&transcoder, [], .none, &output)
        #expect(output.count > 100_000)
        #expect(transcoder.parameters.values.capacity <= 65_536)
        let isContentSmall = transcoder.parameters.bytes.capacity <= ByteBuffer.keptCapacity
        #expect(isContentSmall)
    }

    @Test
    func largeAnswersLeaveNoMemoryBehind() throws {
        var transcoder = ResponseTranscoder(schema: schema, options: JSONOptions(omitsDefaults: true))
        let entries = [UInt8](
            (0..<100_000).map { WireBuilder().message(41, WireBuilder().string(1, "\($0)")).bytes }.joined()
        )
        let alternating = [UInt8](
            repeatElement(WireBuilder().varint(39, 1).varint(5, 1).bytes, count: 100_000).joined()
        )
        for wire in [entries, alternating, entries + [0x4A]] {
            var output = ByteBuffer()
            let isValid = wire.withUnsafeBytes { wire in
                (try? transcoder.transcode(wire, type: type, into: &output)) != nil
            }
            #expect(isValid == (wire.last != 0x4A))
            #expect(transcoder.keys.capacity <= 65_536)
            // As much as the schema's largest message needs, not the answer.
            #expect(transcoder.normalizer.scratchCapacity < 1000)
        }
    }
}

/// The transcoder's calls over arrays, with their errors typed.
private enum RequestCalls {
    static func path(
        _ transcoder: inout RequestTranscoder,
        _ path: [FieldIndex],
        _ value: [UInt8]
    ) throws(TranscodingError) {
        try result(value) { bytes throws(TranscodingError) in
            try transcoder.addPathParameter(path, value: bytes, isMultiSegment: false)
        }
    }

    static func query(_ transcoder: inout RequestTranscoder, _ query: [UInt8]) throws(TranscodingError) {
        try result(query) { bytes throws(TranscodingError) in try transcoder.addQuery(bytes) }
    }

    static func body(
        _ transcoder: inout RequestTranscoder,
        _ body: [UInt8],
        _ binding: BodyBinding,
        _ output: inout ByteBuffer
    ) throws(TranscodingError) {
        try result(body) { bytes throws(TranscodingError) in
            try transcoder.transcode(body: bytes, binding: binding, into: &output)
        }
    }

    private static func result(
        _ bytes: [UInt8],
        _ body: (UnsafeRawBufferPointer) throws(TranscodingError) -> Void
    ) throws(TranscodingError) {
        try bytes.withUnsafeBytes { bytes -> Result<Void, TranscodingError> in
            do throws(TranscodingError) {
                return .success(try body(bytes))
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
