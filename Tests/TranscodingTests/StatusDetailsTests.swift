import Bytes
import ProtobufSchema
import Testing

@testable import Transcoding

@Suite
struct StatusDetailsTests {
    let schema: Schema

    init() throws {
        schema = try TestSchema.sample.get()
    }

    private func details(_ status: [UInt8]) -> String {
        var transcoder = ResponseTranscoder(schema: schema)
        var output = ByteBuffer()
        transcoder.appendDetails(StatusDetails(status), into: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private func any(_ url: String, _ value: [UInt8]) -> WireBuilder { WireBuilder().string(1, url).bytes(2, value) }

    @Test
    func readsCodeMessageAndDetails() {
        let retry = WireBuilder().message(1, WireBuilder().varint(1, 2)).bytes
        let wire = WireBuilder().varint(1, 14).string(2, "späť")
            .message(3, any("type.googleapis.com/google.rpc.RetryInfo", retry)).message(
                3,
                any("x/unknown.Type", [1, 2])
            )
        let status = StatusDetails(wire.bytes)
        #expect(status.code == 14)
        #expect(status.message == "späť")
        #expect(status.isWellFormed)
        #expect(status.details.map(\.typeURL) == ["type.googleapis.com/google.rpc.RetryInfo", "x/unknown.Type"])
        #expect(status.details.first?.value == retry)
        #expect(
            details(wire.bytes)
                == #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"},{"@type":"x/unknown.Type","value":"AQI="}"#
        )
    }

    @Test(
        arguments: [
            ([], ""),
            ([0xFF], ""),
            (WireBuilder().bytes(3, [0xFF]).bytes, #"{"@type":"","value":"/w=="}"#),
            (WireBuilder().message(3, WireBuilder().bytes(1, [0xFF])).bytes, "{\"@type\":\"\u{FFFD}\",\"value\":\"\"}"),
            (
                WireBuilder().message(3, WireBuilder().string(1, "a/sample.v1.Inner").bytes(2, [0x0A, 9])).bytes,
                #"{"@type":"a/sample.v1.Inner","value":"Cgk="}"#
            ),
            (WireBuilder().bytes(3, []).bytes + [0x08], "{}"),
        ] as [([UInt8], String)]
    )
    func neverFails(status: [UInt8], json: String) {
        #expect(details(status) == json)
    }
}
