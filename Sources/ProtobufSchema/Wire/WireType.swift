/// How a field's payload is delimited on the wire (protobuf.dev, "Encoding", message structure).
@usableFromInline
package enum WireType: UInt8, BitwiseCopyable, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}
