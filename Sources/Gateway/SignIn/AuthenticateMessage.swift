internal import Bytes
internal import GRPCChannel
internal import ProtobufSchema
internal import RPCCore

/// The messages of `proto.rpc.v1.AuthService/Authenticate`, by hand, since the served API need not hold them.
enum AuthenticateMessage {
    /// Without side effects: whatever became of an attempt, another one does no harm.
    static let method = MethodDescriptor(
        service: "proto.rpc.v1.AuthService",
        method: "Authenticate",
        isSafeToRepeat: true
    )

    /// `AuthenticateRequest { string entity = 1; Credentials credentials = 2; }` with
    /// `Credentials { string type = 1; string payload = 2; }`, framed as ``ClientCall`` wants it; `message` is empty.
    static func appendRequest(
        id: UnsafeRawBufferPointer,
        secret: UnsafeRawBufferPointer,
        to message: inout ByteBuffer
    ) {
        let type: StaticString = "api-key"
        let typeBytes = UnsafeRawBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount)
        // Two tags and two lengths; the longest secret is far below what four bytes can say.
        let size =
            2 + ByteBuffer.varintLength(UInt64(typeBytes.count)) + typeBytes.count
            + ByteBuffer.varintLength(UInt64(secret.count)) + secret.count
        // At once, so that no copy of the secret stays behind where the buffer grew.
        message.reserve(MessageFraming.prefixLength + id.count + size + 32)
        MessageFraming.reservePrefix(&message)
        message.appendTag(number: 1, .lengthDelimited)
        message.appendLengthDelimited(id)
        message.appendTag(number: 2, .lengthDelimited)
        message.appendVarint(UInt64(size))
        message.appendTag(number: 1, .lengthDelimited)
        message.appendLengthDelimited(typeBytes)
        message.appendTag(number: 2, .lengthDelimited)
        message.appendLengthDelimited(secret)
    }

    /// The `access_token = 1` of an `AuthenticateResponse`, as bytes of `message`; nil if it is absent or malformed.
    static func token(in message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var reader = WireReader(message)
        var token: UnsafeRawBufferPointer?
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                if tag.number == 1, tag.wireType == .lengthDelimited {
                    token = try reader.readBytes()
                } else {
                    try reader.skip(tag)
                }
            }
        } catch {
            return nil
        }
        return token
    }
}
