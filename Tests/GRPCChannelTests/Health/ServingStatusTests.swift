import Bytes
import Testing

@testable import GRPCChannel

@Suite
struct ServingStatusTests {
    @Test(
        arguments: [
            ([], .unknown), ([8, 0], .unknown), ([8, 1], .serving), ([8, 2], .notServing), ([8, 3], .serviceUnknown),
            // A number without a name, in as many bytes as there may be.
            ([8, 7], .unknown), ([8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], .unknown),
            ([8, 0x81, 0x80, 0], .serving),
            // The last one counts.
            ([8, 2, 8, 1], .serving),
            // Fields that are not known: a number, eight bytes, a string, four bytes.
            ([0x10, 5, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x22, 2, 8, 2, 0x2D, 1, 2, 3, 4, 8, 1], .serving),
        ] as [([UInt8], ServingStatus)]
    )
    func responses(bytes: [UInt8], status: ServingStatus) {
        #expect(bytes.withUnsafeBytes { ServingStatus(response: $0) } == status)
    }

    @Test(
        arguments: [
            [8], [8, 0x80], [0x80], [0], [0, 1], [0x0A, 1, 1], [0x0D, 1, 1, 1, 1], [0x12, 5, 1], [0x19, 1], [0x2D, 1],
            [0x13], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1],
            [8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        ] as [[UInt8]]
    )
    func malformedResponses(bytes: [UInt8]) {
        #expect(bytes.withUnsafeBytes { ServingStatus(response: $0) } == nil)
    }

    @Test(
        arguments: [
            ("", []), ("a", [10, 1, 97]),
            (String(repeating: "b", count: 128), [10, 0x80, 1] + Array(repeating: 98, count: 128)),
        ] as [(String, [UInt8])]
    )
    func requests(service: String, expected: [UInt8]) {
        var message = ByteBuffer()
        ServingStatus.appendRequest(for: service, to: &message)
        let bytes = Array(message.bytes)
        #expect(bytes == expected)
    }
}
