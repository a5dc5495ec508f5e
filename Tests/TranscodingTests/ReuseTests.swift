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
