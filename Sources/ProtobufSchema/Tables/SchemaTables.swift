import Glibc

/// The schema as plain memory: what the transcoder walks.
///
/// Trivial to copy and owned by the ``Schema`` it came from; whoever keeps one keeps the schema too. Entries refer to
/// each other by index, and every index in an entry is within its table.
@usableFromInline
package struct SchemaTables: @unchecked Sendable {
    @usableFromInline package let messages: UnsafePointer<MessageEntry>
    @usableFromInline package let fields: UnsafePointer<FieldEntry>
    @usableFromInline package let enums: UnsafePointer<EnumEntry>
    @usableFromInline package let enumValues: UnsafePointer<EnumValueEntry>
    @usableFromInline package let enumNames: UnsafePointer<NamedNumber>
    /// Number to field index or enum value index, -1 for none.
    @usableFromInline package let dense: UnsafePointer<Int32>
    @usableFromInline package let slots: UnsafePointer<NameSlot>
    /// Names and keys, with ``textPadding`` readable bytes behind the last.
    @usableFromInline package let text: UnsafePointer<UInt8>
    /// The hash table of full message names.
    @usableFromInline package let messageNameStart: Int32
    @usableFromInline package let messageNameMask: UInt32

    package static let textPadding = 32

    @inlinable
    package func bytes(_ range: TextRange) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text + Int(range.offset), count: Int(range.count))
    }

    @inlinable
    package subscript(_ index: MessageIndex) -> UnsafePointer<MessageEntry> { messages + Int(index.rawValue) }

    @inlinable
    package subscript(_ index: FieldIndex) -> UnsafePointer<FieldEntry> { fields + Int(index.rawValue) }

    @inlinable
    package subscript(_ index: EnumIndex) -> UnsafePointer<EnumEntry> { enums + Int(index.rawValue) }

    /// The place of a field that an entry pointer stands for.
    @inlinable
    package func index(of field: UnsafePointer<FieldEntry>) -> FieldIndex {
        FieldIndex(rawValue: Int32(truncatingIfNeeded: field - fields))
    }

    /// The field of `message` with this number.
    @inlinable
    package func field(
        number: Int32,
        in message: UnsafePointer<MessageEntry>
    ) -> UnsafePointer<FieldEntry>? {
        if number < message.pointee.denseCount {
            let index = dense[Int(message.pointee.denseStart &+ number)]
            return index < 0 ? nil : fields + Int(index)
        }
        return sparseField(number: number, in: message)
    }

    @usableFromInline
    package func sparseField(
        number: Int32,
        in message: UnsafePointer<MessageEntry>
    ) -> UnsafePointer<FieldEntry>? {
        let first = fields + Int(message.pointee.firstField)
        var low = 0
        var high = Int(message.pointee.fieldCount)
        while low < high {
            let middle = (low &+ high) &>> 1
            let candidate = first[middle].number
            if candidate == number { return first + middle }
            if candidate < number { low = middle &+ 1 } else { high = middle }
        }
        return nil
    }

    /// The field of `message` with this JSON name or name of the `.proto` file.
    @inlinable
    package func field(
        named name: UnsafeRawBufferPointer,
        in message: UnsafePointer<MessageEntry>
    ) -> UnsafePointer<FieldEntry>? {
        guard let found = slot(name, start: message.pointee.nameStart, mask: message.pointee.nameMask) else {
            return nil
        }
        return fields + Int(found.pointee.value)
    }

    /// The message with this full name.
    @inlinable
    package func message(named name: UnsafeRawBufferPointer) -> MessageIndex? {
        slot(name, start: messageNameStart, mask: messageNameMask).map { MessageIndex(rawValue: $0.pointee.value) }
    }

    /// A piece of text, for error messages.
    package func string(_ range: TextRange) -> String { String(decoding: bytes(range), as: UTF8.self) }

    /// The number that `name` stands for.
    @inlinable
    package func number(named name: UnsafeRawBufferPointer, in enumeration: UnsafePointer<EnumEntry>) -> Int32? {
        slot(name, start: enumeration.pointee.nameStart, mask: enumeration.pointee.nameMask)?.pointee.value
    }

    /// The entry of a number that has a name.
    @inlinable
    package func value(
        numbered number: Int32,
        in enumeration: UnsafePointer<EnumEntry>
    ) -> UnsafePointer<EnumValueEntry>? {
        if number >= 0, number < enumeration.pointee.denseCount {
            let index = dense[Int(enumeration.pointee.denseStart &+ number)]
            return index < 0 ? nil : enumValues + Int(index)
        }
        return sparseValue(numbered: number, in: enumeration)
    }

    @usableFromInline
    package func sparseValue(
        numbered number: Int32,
        in enumeration: UnsafePointer<EnumEntry>
    ) -> UnsafePointer<EnumValueEntry>? {
        let first = enumValues + Int(enumeration.pointee.firstValue)
        var low = 0
        var high = Int(enumeration.pointee.valueCount)
        while low < high {
            let middle = (low &+ high) &>> 1
            let candidate = first[middle].number
            if candidate == number { return first + middle }
            if candidate < number { low = middle &+ 1 } else { high = middle }
        }
        return nil
    }

    @inlinable
    package func slot(_ name: UnsafeRawBufferPointer, start: Int32, mask: UInt32) -> UnsafePointer<NameSlot>? {
        let hash = NameSlot.hash(name)
        let table = slots + Int(start)
        var place = hash & mask
        // Tables are at most half full, so an empty slot ends every search.
        while true {
            let slot = table + Int(place)
            if slot.pointee.isEmpty { return nil }
            if slot.pointee.hash == hash, matches(slot.pointee.name, name) { return slot }
            place = (place &+ 1) & mask
        }
    }

    @usableFromInline
    package func matches(_ range: TextRange, _ name: UnsafeRawBufferPointer) -> Bool {
        guard Int(range.count) == name.count, let start = name.baseAddress else {
            return range.count == 0 && name.isEmpty
        }
        return memcmp(text + Int(range.offset), start, name.count) == 0
    }
}
