import Bytes
import ProtobufSchema

extension ResponseTranscoder {
    /// Appends a map field whose first tag has just been read, to its last entry.
    mutating func appendMap(
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        into output: inout ByteBuffer
    ) throws(WireError) {
        let start = output.count
        let mark = keys.mark
        let firstEntry = reader
        try appendEntries(field, &reader, into: &output)
        if keys.firstDuplicate(since: mark, in: output) != nil {
            // Of equal keys the last wins: print once more, without those that lose.
            var isDropped = [Bool](repeating: false, count: keys.mark &- mark)
            keys.markReplaced(since: mark, in: output, &isDropped)
            keys.drop(to: mark)
            output.truncate(to: start)
            reader = firstEntry
            try appendEntries(field, &reader, dropping: isDropped, into: &output)
        }
        keys.drop(to: mark)
        close(from: start, with: UInt8(ascii: "{"), UInt8(ascii: "}"), &output)
    }

    private mutating func appendEntries(
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        dropping isDropped: [Bool] = [],
        into output: inout ByteBuffer
    ) throws(WireError) {
        let entry = tables.fields + Int(tables[field.pointee.childMessage].pointee.firstField)
        let mark = keys.mark
        var place = 0
        while true {
            let bytes = try reader.readBytes()
            if isDropped.isEmpty || !isDropped[place] {
                try appendEntry(bytes, key: entry, value: entry + 1, since: mark, order: &place, into: &output)
            } else {
                place &+= 1
            }
            guard let following = try tagOfSameField(field, reader) else { return }
            reader = following.1
        }
    }

    /// Appends `,"key":value`, or nothing for a value that a closed enum does not have.
    private mutating func appendEntry(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafePointer<FieldEntry>,
        value: UnsafePointer<FieldEntry>,
        since mark: Int,
        order: inout Int,
        into output: inout ByteBuffer
    ) throws(WireError) {
        var reader = WireReader(bytes)
        var keyReader: WireReader?
        var valueReader: WireReader?
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            if tag.number == 1, key.accepts(tag.wireType) {
                keyReader = reader
            } else if tag.number == 2, value.accepts(tag.wireType) {
                // Two values of one entry merge if they are messages; putting them together is the normalizer's work.
                if valueReader != nil, value.pointee.kind.isMessage {
                    try appendMergedEntry(bytes, key: key, value: value, since: mark, order: &order, into: &output)
                    return
                }
                valueReader = reader
            }
            try reader.skip(tag)
        }
        let start = output.count
        output.append(UInt8(ascii: ","))
        let keyStart = output.count
        try appendMapKey(key, keyReader, into: &output)
        let keyMark = keys.mark
        keys.add(offset: keyStart, in: output, since: mark)
        output.append(UInt8(ascii: ":"))
        if var valueReader {
            if try !appendValue(value, &valueReader, into: &output) {
                output.truncate(to: start)
                keys.drop(to: keyMark)
                return
            }
        } else if value.pointee.kind.isMessage {
            try appendMessage(
                UnsafeRawBufferPointer(start: nil, count: 0),
                tables[value.pointee.childMessage],
                into: &output
            )
        } else {
            try appendZero(value, into: &output)
        }
        order &+= 1
    }

    private mutating func appendMergedEntry(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafePointer<FieldEntry>,
        value: UnsafePointer<FieldEntry>,
        since mark: Int,
        order: inout Int,
        into output: inout ByteBuffer
    ) throws(WireError) {
        let merged = try normalizer.normalize(bytes, tables[key.pointee.message])
        try appendEntry(merged.bytes, key: key, value: value, since: mark, order: &order, into: &output)
    }

    private func appendMapKey(
        _ key: UnsafePointer<FieldEntry>,
        _ reader: WireReader?,
        into output: inout ByteBuffer
    ) throws(WireError) {
        if key.pointee.kind == .string {
            var reader = reader
            let text = try reader?.readBytes() ?? UnsafeRawBufferPointer(start: nil, count: 0)
            guard output.appendJSONString(text) else { throw .invalidUTF8 }
            return
        }
        output.append(UInt8(ascii: "\""))
        if var reader {
            switch key.pointee.kind {
            case .bool: if try reader.readVarint() != 0 { output.append("true") } else { output.append("false") }
            case .int32: output.appendDecimal(Int64(Int32(truncatingIfNeeded: try reader.readVarint())))
            case .int64: output.appendDecimal(Int64(bitPattern: try reader.readVarint()))
            case .uint32: output.appendDecimal(UInt64(UInt32(truncatingIfNeeded: try reader.readVarint())))
            case .uint64: output.appendDecimal(try reader.readVarint())
            case .sint32:
                let raw = UInt32(truncatingIfNeeded: try reader.readVarint())
                output.appendDecimal(Int64(Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)))
            case .sint64:
                let raw = try reader.readVarint()
                output.appendDecimal(Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
            case .fixed32: output.appendDecimal(UInt64(try reader.readFixed32()))
            case .sfixed32: output.appendDecimal(Int64(Int32(bitPattern: try reader.readFixed32())))
            case .fixed64: output.appendDecimal(try reader.readFixed64())
            case .sfixed64: output.appendDecimal(Int64(bitPattern: try reader.readFixed64()))
            case .double, .float, .string, .bytes, .message, .group, .enumeration: throw .unrepresentable
            }
        } else if key.pointee.kind == .bool {
            output.append("false")
        } else {
            output.append(UInt8(ascii: "0"))
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends the zero of a scalar or enum that is not on the wire.
    mutating func appendZero(
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        // Zero of every wire type is at most eight zero bytes.
        let zero: UInt64 = 0
        let result = withUnsafeBytes(of: zero) { bytes -> Result<Bool, WireError> in
            var reader = WireReader(bytes)
            do throws(WireError) {
                return .success(try appendValue(field, &reader, into: &output))
            } catch {
                return .failure(error)
            }
        }
        // A closed enum without a zero has its first value as default.
        if try !result.get() {
            let first = tables.enumNames[Int(tables[field.pointee.childEnum].pointee.firstName)]
            guard let value = tables.value(numbered: first.number, in: tables[field.pointee.childEnum]) else { return }
            output.append(contentsOf: tables.bytes(value.pointee.quotedName))
        }
    }
}
