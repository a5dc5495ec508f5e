import ProtobufSchema

/// Makes a serialized message of an input, byte by byte: which field comes next, and with what value.
///
/// The message fits its schema, more or less, whatever the input: fields in any order, again and again, in pieces,
/// packed or not. A fuzzer that mutates serialized messages hardly ever gets that far.
struct MessageScript {
    private static let maximumDepth = 6
    /// Values that have broken something somewhere; also the bits of floating-point numbers.
    private static let values: [UInt64] = [
        0, 1, 2, 127, 128, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, .max, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0xFFF0_0000_0000_0000,
        0x7F80_0000, 0x7FC0_0000, 0xFF80_0000, 0x3FB9_9999_9999_999A, 0x3DCC_CCCD, 1_795_256_100, 999_999_999,
        315_576_000_000, 253_402_300_799, 253_402_300_800, 1_000_000,
    ]
    private static let types = [
        "t/sample.v1.Inner", "t/sample.v1.Everything", "t/google.protobuf.Any", "t/google.protobuf.Duration",
        "t/google.protobuf.Value", "t/google.rpc.Status", "t/google.protobuf.Empty", "t/sample.legacy.Legacy",
        "t/no.such.Type",
    ]

    private let schema: Schema
    private var rest: UnsafeRawBufferPointer.SubSequence

    /// The message of type `type` that `script` makes.
    static func message(_ script: UnsafeRawBufferPointer, _ type: MessageIndex, _ schema: Schema) -> [UInt8] {
        var script = MessageScript(schema: schema, rest: script[...])
        return script.message(type, depth: 0)
    }

    private mutating func next() -> UInt8 { rest.popFirst() ?? 0 }

    private mutating func message(_ type: MessageIndex, depth: Int) -> [UInt8] {
        var output = WireText()
        let entry = schema.tables[type].pointee
        guard entry.fieldCount > 0, depth < MessageScript.maximumDepth else { return [] }
        if entry.wellKnownType == .any { return any(depth: depth) }
        var place: Int32 = 0
        while let operation = rest.popFirst() {
            switch operation {
            case 0xFF: return output.bytes
            case 0xFE: output.add(50_000, UInt64(next()))
            case 0xFD: output.raw([next()])
            default:
                // Mostly a few fields on or back: in order there is more to see than out of it.
                if operation & 0x38 == 0x38 {
                    place = Int32(next())
                } else {
                    place += Int32(operation & 7) * (operation & 0x40 == 0 ? 1 : -1) + entry.fieldCount
                }
                place %= entry.fieldCount
                let field = FieldIndex(rawValue: entry.firstField + place)
                add(schema.tables[field].pointee, isPacked: operation & 0x80 != 0, depth, to: &output)
            }
        }
        return output.bytes
    }

    private mutating func add(_ field: FieldEntry, isPacked: Bool, _ depth: Int, to output: inout WireText) {
        let number = UInt64(field.number)
        if isPacked, field.kind.isPackable, !field.cardinality.isSingular {
            var run = WireText()
            for _ in 0..<next() & 3 { addScalar(field.kind, to: &run) }
            output.add(number, bytes: run.bytes)
            return
        }
        switch field.kind {
        case .string, .bytes:
            var content: [UInt8] = []
            for _ in 0..<next() & 7 { content.append(next()) }
            output.add(number, bytes: content)
        case .message:
            let content = message(field.childMessage, depth: depth + 1)
            output.add(number, bytes: content)
        case .group:
            output.tag(number, 3)
            output.raw(message(field.childMessage, depth: depth + 1))
            output.tag(number, 4)
        default:
            output.tag(number, UInt64(field.kind.wireType.rawValue))
            addScalar(field.kind, to: &output)
        }
    }

    /// Small values stand for themselves, others for one of ``values``.
    private mutating func addScalar(_ kind: FieldKind, to output: inout WireText) {
        let byte = next()
        let value = byte < 0x80 ? UInt64(byte) : MessageScript.values[Int(byte & 0x7F) % MessageScript.values.count]
        switch kind.wireType {
        case .fixed64: output.fixed(value, 8)
        case .fixed32: output.fixed(value, 4)
        default: output.varint(value)
        }
    }

    /// An `Any` of a type that mostly exists, with a value that mostly fits.
    private mutating func any(depth: Int) -> [UInt8] {
        let name = MessageScript.types[Int(next()) % MessageScript.types.count]
        var output = WireText()
        output.add(1, name)
        if let type = schema.message(named: String(name.dropFirst(2))) {
            let value = message(type, depth: depth + 1)
            output.add(2, bytes: value)
        } else {
            output.add(2, bytes: [next()])
        }
        return output.bytes
    }
}
