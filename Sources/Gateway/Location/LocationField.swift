internal import ProtobufSchema

/// A string or an integer of a message, or of one within it.
struct LocationField: Hashable, Sendable {
    /// Field numbers from the message down; all but the last are of messages.
    private let numbers: [Int32]
    private let kind: FieldKind

    /// Finds `names` from `message` down.
    init(_ names: [String], in message: MessageIndex, _ schema: Schema) throws(GatewayError) {
        var numbers: [Int32] = []
        var kind = FieldKind.message
        var parent: MessageIndex? = message
        for (place, name) in names.enumerated() {
            guard let container = parent, let index = schema.field(named: name, in: container) else {
                let owner = parent.map(schema.name) ?? "what is no message"
                throw GatewayError("\(owner) has no field \"\(name)\"")
            }
            let field = schema[index]
            kind = field.kind
            let isLast = place == names.count - 1
            guard field.cardinality.isSingular, isLast ? LocationField.kinds.contains(kind) : kind == .message else {
                throw GatewayError("\"\(names.joined(separator: "."))\" is not a single string or integer")
            }
            numbers.append(field.number)
            parent = field.childMessage
        }
        self.numbers = numbers
        self.kind = kind
    }

    private static let kinds: [FieldKind] = [.string, .int32, .int64, .uint32, .uint64]

    /// What a message has in the field.
    enum Value {
        /// UTF-8 within the message.
        case text(UnsafeRawBufferPointer)
        case signed(Int64)
        case unsigned(UInt64)
    }

    /// The field's value, nil if it is not set.
    func value(in message: UnsafeRawBufferPointer) -> Value? {
        do throws(WireError) {
            return try find(0, in: message)
        } catch {
            return nil
        }
    }

    /// The last occurrence counts, over all of those of the messages around it.
    private func find(_ depth: Int, in message: UnsafeRawBufferPointer) throws(WireError) -> Value? {
        var found: Value?
        var reader = WireReader(message)
        while let tag = try reader.nextTag() {
            guard tag.number == numbers[depth] else {
                try reader.skip(tag)
                continue
            }
            switch (tag.wireType, kind) {
            case (.lengthDelimited, _) where depth + 1 < numbers.count:
                found = try find(depth + 1, in: try reader.readBytes()) ?? found
            case (.lengthDelimited, .string) where depth + 1 == numbers.count:
                found = .text(try LocationField.checked(try reader.readBytes()))
            case (.varint, .uint32), (.varint, .uint64):
                found = .unsigned(try reader.readVarint())
            case (.varint, .int32), (.varint, .int64):
                found = .signed(Int64(bitPattern: try reader.readVarint()))
            default:
                try reader.skip(tag)
            }
        }
        return found
    }

    /// `text`, which is UTF-8; as a rule ASCII, of which no string has to be made to know.
    private static func checked(_ text: UnsafeRawBufferPointer) throws(WireError) -> UnsafeRawBufferPointer {
        guard text.allSatisfy({ $0 < 0x80 }) || String(validating: text, as: UTF8.self) != nil else {
            throw .invalidUTF8
        }
        return text
    }
}
