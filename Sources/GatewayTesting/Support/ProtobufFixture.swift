/// Builds protobuf wire bytes field by field, right or wrong, without a schema.
package struct ProtobufFixture: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// A message that `build` fills.
    package static func message(_ build: (inout ProtobufFixture) -> Void) -> [UInt8] {
        var fixture = ProtobufFixture()
        build(&fixture)
        return fixture.bytes
    }

    /// Wire type 0: int32, int64, uint32, uint64, bool and enums; negative numbers take ten bytes.
    package mutating func varint(_ field: Int, _ value: Int64) {
        varint(field, UInt64(bitPattern: value))
    }

    package mutating func varint(_ field: Int, _ value: UInt64) {
        tag(field, wireType: 0)
        rawVarint(value)
    }

    /// Wire type 0 with zigzag: sint32, sint64.
    package mutating func zigzag(_ field: Int, _ value: Int64) {
        varint(field, UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    package mutating func bool(_ field: Int, _ value: Bool) {
        varint(field, value ? 1 as UInt64 : 0)
    }

    /// Wire type 1: fixed64, sfixed64 and, by bit pattern, double.
    package mutating func fixed64(_ field: Int, _ value: UInt64) {
        tag(field, wireType: 1)
        for shift in stride(from: 0, to: 64, by: 8) { raw([UInt8(truncatingIfNeeded: value >> shift)]) }
    }

    package mutating func double(_ field: Int, _ value: Double) {
        fixed64(field, value.bitPattern)
    }

    /// Wire type 5: fixed32, sfixed32 and, by bit pattern, float.
    package mutating func fixed32(_ field: Int, _ value: UInt32) {
        tag(field, wireType: 5)
        for shift in stride(from: 0, to: 32, by: 8) { raw([UInt8(truncatingIfNeeded: value >> shift)]) }
    }

    package mutating func float(_ field: Int, _ value: Float) {
        fixed32(field, value.bitPattern)
    }

    /// Wire type 2; `length` may lie about the bytes.
    package mutating func bytes(_ field: Int, _ value: [UInt8], length: Int? = nil) {
        tag(field, wireType: 2)
        rawVarint(UInt64(length ?? value.count))
        raw(value)
    }

    package mutating func string(_ field: Int, _ value: String) {
        bytes(field, Array(value.utf8))
    }

    package mutating func message(_ field: Int, _ build: (inout ProtobufFixture) -> Void) {
        bytes(field, ProtobufFixture.message(build))
    }

    package mutating func tag(_ field: Int, wireType: Int) {
        rawVarint(UInt64(field) << 3 | UInt64(wireType))
    }

    package mutating func rawVarint(_ value: UInt64) {
        var rest = value
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Bytes as they are, right or wrong.
    package mutating func raw(_ value: [UInt8]) {
        bytes += value
    }
}

extension ProtobufFixture {
    /// A serialized `google.rpc.Status` whose details are `google.protobuf.Any` of these types and values.
    package static func status(
        _ code: Int,
        _ message: String,
        details: [(type: String, value: [UInt8])] = []
    ) -> [UInt8] {
        ProtobufFixture.message { status in
            status.varint(1, Int64(code))
            status.string(2, message)
            for detail in details {
                status.message(3) { any in
                    any.string(1, "type.googleapis.com/\(detail.type)")
                    any.bytes(2, detail.value)
                }
            }
        }
    }
}
