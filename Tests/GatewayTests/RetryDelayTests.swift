import Testing
import Transcoding

@testable import Gateway

@Suite
struct RetryDelayTests {
    /// A `google.rpc.Status` with one detail.
    private static func status(_ typeURL: String, _ value: [UInt8]) -> StatusDetails {
        StatusDetails(protobufField(3, protobufField(1, Array(typeURL.utf8)) + protobufField(2, value)))
    }

    /// A length-delimited field; numbers and lengths below 128.
    private static func protobufField(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    @Test(
        arguments: [
            ([0x08, 0x05], 5),
            ([0x08, 0x05, 0x10, 0x01], 6),
            ([0x10, 0x01], 1),
            ([], 0),
        ] as [([UInt8], UInt64)]
    )
    func roundsUpToSeconds(duration: [UInt8], seconds: UInt64) {
        let details = Self.status("type.googleapis.com/google.rpc.RetryInfo", Self.protobufField(1, duration))
        #expect(RetryDelay.seconds(in: details) == seconds)
    }

    @Test
    func ignoresWhatSaysNothing() {
        let other = Self.status("type.googleapis.com/google.rpc.ErrorInfo", [0x0A, 0x02, 0x08, 0x05])
        #expect(RetryDelay.seconds(in: other) == nil)
        let negative = [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01]
        let truncated: [UInt8] = [0x0A, 0x05, 0x08]
        for value in [Self.protobufField(1, negative), truncated, []] {
            let details = Self.status("type.googleapis.com/google.rpc.RetryInfo", value)
            #expect(RetryDelay.seconds(in: details) == nil)
        }
    }
}
