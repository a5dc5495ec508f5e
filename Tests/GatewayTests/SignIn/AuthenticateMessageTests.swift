import Bytes
import Testing

@testable import Gateway

@Suite
struct AuthenticateMessageTests {
    /// What the gateway sends of these, without the five bytes of the frame.
    private func request(_ id: [UInt8], _ secret: [UInt8]) -> [UInt8] {
        var message = ByteBuffer()
        id.withUnsafeBytes { id in
            secret.withUnsafeBytes { AuthenticateMessage.appendRequest(id: id, secret: $0, to: &message) }
        }
        return Array(message.bytes.dropFirst(5))
    }

    @Test
    func aRequest() {
        let expected = [0x0A, 2] + Array("id".utf8) + [0x12, 14, 0x0A, 7] + Array("api-key".utf8) + [0x12, 3]
        #expect(request(Array("id".utf8), Array("key".utf8)) == expected + Array("key".utf8))
    }

    @Test
    func aLongKey() {
        let secret = [UInt8](repeating: 0x6B, count: 1024)
        // 1024 is 0x80 0x08 as a varint; with its tag and the type's field that makes 1036.
        let head: [UInt8] = [0x0A, 1, 0x69, 0x12, 0x8C, 0x08, 0x0A, 7] + Array("api-key".utf8) + [0x12, 0x80, 0x08]
        #expect(request([0x69], secret) == head + secret)
    }

    @Test(
        arguments: [
            ([0x0A, 1, 0x74], "t"), ([0x10, 1, 0x0A, 1, 0x74, 0x1A, 0], "t"), ([0x0A, 1, 0x61, 0x0A, 1, 0x74], "t"),
            ([0x0A, 0], ""), ([], nil), ([0x0A], nil), ([0x0A, 2, 0x74], nil), ([0x08, 1], nil),
            ([0x0A, 1, 0x74, 0x07], nil), ([0x12, 1, 0x74], nil),
        ] as [([UInt8], String?)]
    )
    func answers(bytes: [UInt8], token: String?) {
        let found = bytes.withUnsafeBytes { message in
            AuthenticateMessage.token(in: message).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == token)
    }
}
