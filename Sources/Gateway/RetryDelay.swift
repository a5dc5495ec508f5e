internal import ProtobufSchema
internal import Transcoding

/// When a client may try again, from the `google.rpc.RetryInfo` of an error's details.
enum RetryDelay {
    /// Whole seconds, rounded up; nil if no detail says, or what it says makes no sense.
    static func seconds(in status: StatusDetails) -> UInt64? {
        for detail in status.details where detail.typeURL.hasSuffix("/google.rpc.RetryInfo") {
            if let delay = detail.value.withUnsafeBytes(read) { return delay }
        }
        return nil
    }

    /// Reads `RetryInfo { Duration retry_delay = 1; }`.
    private static func read(_ retryInfo: UnsafeRawBufferPointer) -> UInt64? {
        guard
            let duration = field(
                1,
                of: retryInfo,
                as: .lengthDelimited,
                { reader throws(WireError) in
                    try reader.readBytes()
                }
            )
        else { return nil }
        let varint = { (reader: inout WireReader) throws(WireError) in try reader.readVarint() }
        let seconds = field(1, of: duration, as: .varint, varint) ?? 0
        let nanos = field(2, of: duration, as: .varint, varint) ?? 0
        // A Duration has at most 315,576,000,000 seconds; negative ones read as huge.
        guard seconds <= 315_576_000_000, nanos < 1_000_000_000 else { return nil }
        return seconds + (nanos > 0 ? 1 : 0)
    }

    /// The last occurrence of one field, nil if it is absent or the message is malformed.
    private static func field<Value>(
        _ number: Int32,
        of message: UnsafeRawBufferPointer,
        as wireType: WireType,
        _ read: (inout WireReader) throws(WireError) -> Value
    ) -> Value? {
        var reader = WireReader(message)
        var value: Value?
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                if tag.number == number, tag.wireType == wireType {
                    value = try read(&reader)
                } else {
                    try reader.skip(tag)
                }
            }
        } catch {
            return nil
        }
        return value
    }
}
