import Bytes

/// Lays compiled definitions out as the arrays that ``SchemaTables`` points into.
struct TableLayout {
    private(set) var messages: [MessageEntry] = []
    private(set) var fields: [FieldEntry] = []
    private(set) var enums: [EnumEntry] = []
    private(set) var enumValues: [EnumValueEntry] = []
    private(set) var enumNames: [NamedNumber] = []
    private(set) var dense: [Int32] = []
    private(set) var names = NameTableBuilder()
    private(set) var text = TextTable()
    /// The table of full message names.
    private(set) var messageNames: (start: Int32, mask: UInt32) = (0, 0)

    init(_ compiler: SchemaCompiler) {
        for enumeration in compiler.enums { add(enumeration) }
        for (index, message) in compiler.messages.enumerated() { add(message, at: index, compiler) }
        messageNames = names.add(
            compiler.messages.enumerated().map { ($1.fullName, Int32($0)) },
            text: &text
        )
    }

    private mutating func add(_ enumeration: SchemaCompiler.PendingEnum) {
        let declared = enumeration.descriptor.values
        var firstNames: [Int32: String] = [:]
        for value in declared where firstNames[value.number] == nil { firstNames[value.number] = value.name }
        let sorted = firstNames.sorted { $0.key < $1.key }
        let firstValue = enumValues.count
        for (number, name) in sorted {
            enumValues.append(EnumValueEntry(number: number, quotedName: text.intern(TextTable.quoted(name))))
        }
        let numbers = sorted.map(\.key)
        let (denseStart, denseCount) = addDense(numbers, base: firstValue)
        let table = names.add(declared.map { ($0.name, $0.number) }, text: &text)
        let firstName = enumNames.count
        for value in declared {
            enumNames.append(NamedNumber(name: text.intern(value.name), number: value.number))
        }
        enums.append(
            EnumEntry(
                firstValue: Int32(firstValue),
                valueCount: Int32(sorted.count),
                denseStart: denseStart,
                denseCount: denseCount,
                nameStart: table.start,
                nameMask: table.mask,
                firstName: Int32(firstName),
                nameCount: Int32(declared.count),
                prefix: text.intern(EnumDescriptor.valuePrefix(of: enumeration.descriptor.name)),
                isClosed: enumeration.isClosed,
                isNullValue: enumeration.fullName == "google.protobuf.NullValue"
            )
        )
    }

    private mutating func add(_ message: SchemaCompiler.PendingMessage, at index: Int, _ compiler: SchemaCompiler) {
        let firstField = fields.count
        var lookup: [(name: String, value: Int32)] = []
        for (place, field) in message.fields.enumerated() {
            lookup.append((field.jsonName, Int32(firstField + place)))
        }
        // After all JSON names: where one field's original name is another's JSON name, the JSON name is meant.
        for (place, field) in message.fields.enumerated() where field.name != field.jsonName {
            lookup.append((field.name, Int32(firstField + place)))
        }
        for (place, field) in message.fields.enumerated() {
            add(field, at: place, in: MessageIndex(rawValue: Int32(index)), compiler)
        }
        let (denseStart, denseCount) = addDense(message.fields.map(\.number), base: firstField)
        let table = names.add(lookup, text: &text)
        messages.append(
            MessageEntry(
                firstField: Int32(firstField),
                fieldCount: Int32(message.fields.count),
                denseStart: denseStart,
                denseCount: denseCount,
                nameStart: table.start,
                nameMask: table.mask,
                oneofCount: Int32(message.descriptor.oneofCount),
                requiredCount: Int32(message.fields.count { $0.cardinality == .required }),
                wellKnownType: WellKnownType(fullName: message.fullName),
                isMessageSet: message.descriptor.isMessageSet
            )
        )
    }

    private mutating func add(
        _ field: SchemaCompiler.PendingField,
        at place: Int,
        in message: MessageIndex,
        _ compiler: SchemaCompiler
    ) {
        var tag = ByteBuffer()
        tag.appendTag(number: field.number, field.cardinality == .packed ? .lengthDelimited : field.kind.wireType)
        var encodedTag: UInt64 = 0
        for (shift, byte) in tag.bytes.enumerated() { encodedTag |= UInt64(byte) << UInt64(8 * shift) }

        let literal = defaultLiteral(of: field, compiler)
        let key = ",\(TextTable.quoted(field.jsonName)):"
        let originalKey = ",\(TextTable.quoted(field.name)):"
        fields.append(
            FieldEntry(
                number: field.number,
                localIndex: Int32(place),
                child: field.child,
                oneof: field.oneof,
                message: message,
                kind: field.kind,
                cardinality: field.cardinality,
                tagLength: UInt8(tag.count),
                tag: encodedTag,
                keyOffset: text.intern(key + literal).offset,
                keyLength: UInt32(key.utf8.count),
                defaultLength: UInt32(literal.utf8.count),
                originalKeyOffset: text.intern(originalKey + literal).offset,
                originalKeyLength: UInt32(originalKey.utf8.count),
                name: text.intern(field.name),
                jsonName: text.intern(field.jsonName)
            )
        )
    }

    /// What an absent field is printed as, empty where absence is not printed.
    private func defaultLiteral(of field: SchemaCompiler.PendingField, _ compiler: SchemaCompiler) -> String {
        switch field.cardinality {
        case .explicit, .required: return ""
        case .repeated, .packed: return "[]"
        case .map: return "{}"
        case .implicit: break
        }
        switch field.kind {
        case .double, .float, .int32, .uint32, .fixed32, .sfixed32, .sint32: return "0"
        case .int64, .uint64, .fixed64, .sfixed64, .sint64: return "\"0\""
        case .bool: return "false"
        case .string, .bytes: return "\"\""
        case .group, .message: return ""
        case .enumeration:
            let enumeration = compiler.enums[Int(field.child)]
            if enumeration.fullName == "google.protobuf.NullValue" { return "null" }
            return enumeration.descriptor.values.first { $0.number == 0 }.map { TextTable.quoted($0.name) } ?? "0"
        }
    }

    /// Files sorted `numbers`, whose entries start at `base`, for lookup by number where that costs little memory.
    private mutating func addDense(_ numbers: [Int32], base: Int) -> (start: Int32, count: Int32) {
        guard let last = numbers.last, last >= 0 else { return (0, 0) }
        let count = Int(min(Int64(last) + 1, Int64(numbers.count) * 4 + 32))
        let start = dense.count
        dense += repeatElement(-1, count: count)
        for (place, number) in numbers.enumerated() where number >= 0 && number < count {
            dense[start + Int(number)] = Int32(base + place)
        }
        return (Int32(start), Int32(count))
    }
}
