import Bytes
import ProtobufSchema

/// A message of any schema, as a test made it up: nothing of it depends on the transcoder.
struct RandomMessage {
    /// In number order; each has at least one value.
    var fields: [RandomField] = []

    /// The message as a serializer writes it: in number order, each field in one piece.
    var encoded: [UInt8] { fields.flatMap(\.encoded) }
}

/// A field and its values: one if it is singular.
struct RandomField {
    let info: FieldInfo
    var values: [RandomValue]

    var encoded: [UInt8] {
        guard info.cardinality == .packed else { return values.flatMap { $0.encoded(as: info) } }
        return RandomValue.run(values, of: info)
    }
}

enum RandomValue {
    /// The bytes of a scalar as they follow its tag, length included.
    case scalar([UInt8])
    case message(RandomMessage)
    /// A message in a `bytes` field, as an `Any` has it.
    case embedded(RandomMessage)

    /// Tag and value.
    func encoded(as info: FieldInfo) -> [UInt8] {
        switch self {
        case .scalar(let bytes): RandomValue.tag(info.number, info.kind.wireType) + bytes
        case .message(let message): RandomValue.framed(message.encoded, as: info)
        case .embedded(let message):
            RandomValue.tag(info.number, .lengthDelimited) + RandomValue.lengthDelimited(message.encoded)
        }
    }

    /// A message's content with its length, or between a group's tags.
    static func framed(_ content: [UInt8], as info: FieldInfo) -> [UInt8] {
        if info.kind == .group { return tag(info.number, .startGroup) + content + tag(info.number, .endGroup) }
        return tag(info.number, .lengthDelimited) + lengthDelimited(content)
    }

    /// Many scalars behind one tag.
    static func run(_ values: [RandomValue], of info: FieldInfo) -> [UInt8] {
        let content = values.flatMap { value -> [UInt8] in
            if case .scalar(let bytes) = value { bytes } else { [] }
        }
        return tag(info.number, .lengthDelimited) + lengthDelimited(content)
    }

    static func tag(_ number: Int32, _ type: WireType) -> [UInt8] {
        varint(UInt64(UInt32(bitPattern: number)) << 3 | UInt64(type.rawValue))
    }

    static func lengthDelimited(_ content: [UInt8]) -> [UInt8] { varint(UInt64(content.count)) + content }

    static func varint(_ value: UInt64) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.appendVarint(value)
        return Array(buffer.bytes)
    }
}
