import Bytes
import ProtobufSchema

extension RequestTranscoder {
    /// Where a message's bits start in ``RequestTranscoder/seen``.
    struct Frame: BitwiseCopyable {
        let fields: Int
        let oneofs: Int
    }

    @inline(__always)
    mutating func openFrame(_ message: UnsafePointer<MessageEntry>) -> Frame {
        let fieldWords = Int(message.pointee.fieldCount &+ 63) &>> 6
        let oneofWords = Int(message.pointee.oneofCount &+ 63) &>> 6
        let start = seen.count
        seen.push(0, times: fieldWords &+ oneofWords)
        return Frame(fields: start, oneofs: start &+ fieldWords)
    }

    /// Sets a bit and says whether it was set before.
    @inline(__always)
    mutating func mark(_ bit: Int32, from start: Int) -> Bool {
        let word = start &+ Int(bit &>> 6)
        let mask: UInt64 = 1 &<< UInt64(bit & 63)
        let old = seen[word]
        seen[word] = old | mask
        return old & mask != 0
    }

    /// Appends the content of the message whose JSON is at the cursor, without tag and length.
    mutating func appendMessage(
        _ message: UnsafePointer<MessageEntry>,
        node: Int32 = -1,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        guard depth < JSONReader.maximumDepth else { throw .tooDeep }
        depth &+= 1
        defer { depth &-= 1 }
        if message.pointee.wellKnownType.hasOwnForm {
            try appendWellKnown(message, into: &output)
            return
        }
        guard reader.peek() == UInt8(ascii: "{") else { throw rejectToken(expected: "an object") }
        if message.pointee.isMessageSet { throw reject("a message set has no JSON form") }
        try appendFields(message, node: node, skippingType: false, into: &output)
    }

    /// Reads an object's members into fields of `message`.
    ///
    /// `skippingType` leaves out the "@type" of an Any.
    mutating func appendFields(
        _ message: UnsafePointer<MessageEntry>,
        node: Int32,
        skippingType: Bool,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        let frame = openFrame(message)
        let first = tables.fields + Int(message.pointee.firstField)
        var next: Int32 = 0
        var isRejected = false
        var typeCount = 0
        if reader.open(until: UInt8(ascii: "}")) {
            repeat {
                guard reader.peek() == UInt8(ascii: "\"") else { throw reader.unexpected }
                let key = try reader.readString()
                try reader.expect(UInt8(ascii: ":"))
                // In an Any, "@type" is the type also where a field is called so; such a field has its original name.
                if skippingType, TypeIndex.isType(key) {
                    typeCount += 1
                    if typeCount > 1 { throw reject("the field is there twice", field: "@type") }
                    try reader.skipValue()
                    continue
                }
                let field: UnsafePointer<FieldEntry>
                // Clients mostly write fields in the order of the schema.
                if next < message.pointee.fieldCount, !key.hasEscapes,
                    tables.matches(first[Int(next)].jsonName, key.raw)
                {
                    field = first + Int(next)
                } else if let found = find(key, in: message) {
                    field = found
                } else {
                    if !ignoresUnknownFields {
                        isRejected = true
                        try recordUnknown(key, in: message)
                    }
                    try reader.skipValue()
                    continue
                }
                next = field.pointee.localIndex &+ 1
                let violationMark = violations.count
                let valueStart = reader.cursor
                let (outerDepth, outerSeen, outerKeys) = (depth, seen.count, keys.mark)
                let fieldStart = output.count
                do throws(JSONFault) {
                    if mark(field.pointee.localIndex, from: frame.fields) {
                        throw reject("the field is there twice")
                    }
                    try appendField(field, frame, node: node, into: &output)
                } catch {
                    guard !error.isSyntax else { throw error }
                    if error == .ignored {
                        takeBack(field, frame, to: fieldStart, &output)
                        continue
                    }
                    prefixViolations(since: violationMark, with: Excerpt.text(key.raw))
                    guard error == .rejected, violations.count < RequestTranscoder.maximumViolations else {
                        throw .gaveUp
                    }
                    // On to the next field, to find everything that is wrong; the output is lost anyway.
                    isRejected = true
                    depth = outerDepth
                    seen.truncate(to: outerSeen)
                    keys.drop(to: outerKeys)
                    reader.cursor = valueStart
                    try reader.skipValue()
                }
            } while try reader.readSeparator(orEnd: UInt8(ascii: "}"))
        }
        if isRejected { throw .rejected }
        try closeFrame(frame, message, node: node, into: &output)
    }

    private mutating func find(
        _ key: JSONString,
        in message: UnsafePointer<MessageEntry>
    ) -> UnsafePointer<FieldEntry>? {
        tables.field(named: decoded(key), in: message)
    }

    /// The text of a string token, valid until the next call.
    @inline(__always)
    mutating func decoded(_ token: JSONString) -> UnsafeRawBufferPointer {
        token.hasEscapes ? unescaped(token) : token.raw
    }

    @inline(never)
    private mutating func unescaped(_ token: JSONString) -> UnsafeRawBufferPointer {
        text.truncate(to: 0)
        token.unescape(into: &text)
        return text.bytes
    }

    private mutating func recordUnknown(
        _ key: JSONString,
        in message: UnsafePointer<MessageEntry>
    ) throws(JSONFault) {
        let name = Excerpt.text(decoded(key))
        _ = reject(unknownField(name, in: message), field: name)
        if violations.count >= RequestTranscoder.maximumViolations { throw .gaveUp }
    }

    /// What to say about a name that `message` does not have.
    func unknownField(_ name: String, in message: UnsafePointer<MessageEntry>, noun: String = "field") -> String {
        var names: [String] = []
        for index in 0..<Int(message.pointee.fieldCount) {
            names.append(tables.string(tables.fields[Int(message.pointee.firstField) + index].jsonName))
        }
        guard let nearest = NearestName.find(name, among: names) else { return "unknown \(noun) \"\(name)\"" }
        return "unknown \(noun) \"\(name)\"; did you mean \"\(nearest)\"?"
    }

    /// Adds the parameters that the body did not have, checks that nothing is missing and leaves the message.
    @inline(__always)
    mutating func closeFrame(
        _ frame: Frame,
        _ message: UnsafePointer<MessageEntry>,
        node: Int32,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        if node >= 0 { try appendUnwritten(frame, message, node: node, into: &output) }
        if message.pointee.requiredCount > 0 { try checkRequired(frame, message) }
        seen.truncate(to: frame.fields)
    }

    private mutating func checkRequired(_ frame: Frame, _ message: UnsafePointer<MessageEntry>) throws(JSONFault) {
        var isMissing = false
        for index in 0..<message.pointee.fieldCount {
            let field = tables.fields[Int(message.pointee.firstField &+ index)]
            guard field.cardinality == .required else { continue }
            if seen[frame.fields &+ Int(index &>> 6)] & (1 &<< UInt64(index & 63)) == 0 {
                isMissing = true
                _ = reject("the field is required", field: tables.string(field.jsonName))
            }
        }
        if isMissing { throw .rejected }
    }

    // MARK: - Fields

    /// Appends one field, tag and all, from the value at the cursor.
    mutating func appendField(
        _ field: UnsafePointer<FieldEntry>,
        _ frame: Frame,
        node: Int32,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        let child = node >= 0 ? parameters.child(of: node, tables.index(of: field)) : -1
        if reader.peek() == UInt8(ascii: "n"), !isNullValue(field) {
            try reader.readNull()
            // As if absent: also for `required`, whose bit is taken back.
            if field.pointee.cardinality == .required { unmark(field.pointee.localIndex, from: frame.fields) }
            return
        }
        if field.pointee.oneof >= 0, mark(field.pointee.oneof, from: frame.oneofs) {
            throw reject("another member of the same oneof is there already")
        }
        let start = output.count
        switch field.pointee.cardinality {
        case .implicit:
            output.appendTag(of: field)
            if try !appendValue(field, node: child, into: &output) { output.truncate(to: start) }
        case .explicit, .required:
            output.appendTag(of: field)
            if field.pointee.kind.isMessage {
                try appendNested(field, node: child, into: &output)
            } else {
                _ = try appendValue(field, node: child, into: &output)
            }
        case .repeated, .packed: try appendList(field, into: &output)
        case .map: try appendMap(field, into: &output)
        }
        if child >= 0 { try agree(field, child, since: start, output) }
    }

    /// Takes a field whose value is to be ignored out again, as if it had been null.
    mutating func takeBack(
        _ field: UnsafePointer<FieldEntry>,
        _ frame: Frame,
        to start: Int,
        _ output: inout ByteBuffer
    ) {
        output.truncate(to: start)
        // The value came as far as being read, so the oneof was free before.
        if field.pointee.oneof >= 0 { unmark(field.pointee.oneof, from: frame.oneofs) }
        if field.pointee.cardinality == .required { unmark(field.pointee.localIndex, from: frame.fields) }
    }

    private mutating func unmark(_ bit: Int32, from start: Int) {
        seen[start &+ Int(bit &>> 6)] &= ~(1 &<< UInt64(bit & 63))
    }

    /// Whether JSON's `null` is a value of this field rather than its absence.
    private func isNullValue(_ field: UnsafePointer<FieldEntry>) -> Bool {
        guard field.pointee.cardinality.isSingular else { return false }
        switch field.pointee.kind {
        case .enumeration: return tables[field.pointee.childEnum].pointee.isNullValue
        case .message: return tables[field.pointee.childMessage].pointee.wellKnownType == .value
        default: return false
        }
    }

    /// Appends length and content of a message, or content and end tag of a group.
    mutating func appendNested(
        _ field: UnsafePointer<FieldEntry>,
        node: Int32 = -1,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        if field.pointee.kind == .group {
            try appendMessage(tables[field.pointee.childMessage], node: node, into: &output)
            output.appendTag(number: field.pointee.number, .endGroup)
        } else {
            let place = lengths.open(&output)
            try appendMessage(tables[field.pointee.childMessage], node: node, into: &output)
            lengths.close(place, &output)
        }
    }

    private mutating func appendList(
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        guard reader.peek() == UInt8(ascii: "[") else { throw rejectToken(expected: "an array") }
        guard reader.open(until: UInt8(ascii: "]")) else { return }
        let isPacked = field.pointee.cardinality == .packed
        let takesNull =
            field.pointee.kind == .message
            && tables[field.pointee.childMessage].pointee.wellKnownType == .value
            || field.pointee.kind == .enumeration && tables[field.pointee.childEnum].pointee.isNullValue
        var place = 0
        let start = output.count
        if isPacked {
            output.appendTag(of: field)
            place = lengths.open(&output)
        }
        var index = 0
        repeat {
            let violationMark = violations.count
            let elementStart = output.count
            do throws(JSONFault) {
                if reader.peek() == UInt8(ascii: "n"), !takesNull {
                    throw reject("null cannot be an element of a list")
                }
                if !isPacked { output.appendTag(of: field) }
                if field.pointee.kind.isMessage {
                    try appendNested(field, into: &output)
                } else {
                    _ = try appendValue(field, node: -1, into: &output)
                }
            } catch {
                if !error.isSyntax { prefixViolations(since: violationMark, with: "[\(index)]") }
                guard error == .ignored else { throw error }
                output.truncate(to: elementStart)
            }
            index &+= 1
        } while try reader.readSeparator(orEnd: UInt8(ascii: "]"))
        if isPacked, lengths.close(place, &output) == 0 { output.truncate(to: start) }
    }

    private mutating func appendMap(
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        guard reader.peek() == UInt8(ascii: "{") else { throw rejectToken(expected: "an object") }
        guard reader.open(until: UInt8(ascii: "}")) else { return }
        // Each entry is a message to whoever parses it.
        guard depth < JSONReader.maximumDepth else { throw .tooDeep }
        depth &+= 1
        defer { depth &-= 1 }
        let key = tables.fields + Int(tables[field.pointee.childMessage].pointee.firstField)
        let value = key + 1
        let mark = keys.mark
        repeat {
            guard reader.peek() == UInt8(ascii: "\"") else { throw reader.unexpected }
            let token = try reader.readString()
            try reader.expect(UInt8(ascii: ":"))
            let violationMark = violations.count
            let (entryStart, entryKeys) = (output.count, keys.mark)
            output.appendTag(of: field)
            let place = lengths.open(&output)
            do throws(JSONFault) {
                output.appendTag(of: key)
                let keyStart = output.count
                try appendMapKey(token, key, into: &output)
                keys.add(offset: keyStart, in: output)
                try appendMapValue(value, into: &output)
                lengths.close(place, &output)
            } catch {
                if !error.isSyntax {
                    let name = Excerpt.text(decoded(token))
                    prefixViolations(since: violationMark, with: "[\"\(name)\"]")
                }
                guard error == .ignored else { throw error }
                lengths.abandon(place)
                keys.drop(to: entryKeys)
                output.truncate(to: entryStart)
            }
        } while try reader.readSeparator(orEnd: UInt8(ascii: "}"))
        if let duplicate = keys.firstDuplicate(since: mark, in: output) {
            throw rejectDuplicate(duplicate, key, output)
        }
        keys.drop(to: mark)
    }

    private mutating func appendMapValue(
        _ value: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        if reader.peek() == UInt8(ascii: "n"), !isNullValue(value) { throw reject("null cannot be the value of a map") }
        output.appendTag(of: value)
        if value.pointee.kind.isMessage {
            try appendNested(value, into: &output)
        } else {
            // Entries keep their defaults, as every serializer writes them.
            _ = try appendValue(value, node: -1, into: &output)
        }
    }

    private mutating func appendMapKey(
        _ token: JSONString,
        _ key: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        if key.pointee.kind == .string {
            output.appendVarint(UInt64(token.decodedCount))
            token.unescape(into: &output)
        } else {
            _ = try appendScalar(decoded(token), key, into: &output)
        }
    }

    @inline(never)
    private mutating func rejectDuplicate(
        _ duplicate: KeyLog.Entry,
        _ key: UnsafePointer<FieldEntry>,
        _ output: borrowing ByteBuffer
    ) -> JSONFault {
        guard key.pointee.kind == .string else { return reject("a key is there twice") }
        var keyReader = WireReader(
            UnsafeRawBufferPointer(rebasing: output.bytes[duplicate.offset..<duplicate.offset + duplicate.count])
        )
        guard let name = try? keyReader.readBytes() else { return reject("a key is there twice") }
        return reject("the key is there twice", field: "[\"\(Excerpt.text(name))\"]")
    }
}
