import Bytes
import ProtobufSchema

extension ResponseTranscoder {
    /// Appends a map field whose first tag has just been read, to its last entry.
    ///
    /// Of entries with equal keys the last wins. Each is printed once, and those that lose are taken out at the end,
    /// so that maps in maps cost no more than their size at each level.
    mutating func appendMap(
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        into output: inout ByteBuffer
    ) throws(WireError) {
        // Each entry is a message to whoever parses it.
        guard depth < WireReader.maximumDepth else { throw .tooDeep }
        depth &+= 1
        defer { depth &-= 1 }
        let start = output.count
        let mark = keys.mark
        let key = tables.fields + Int(tables[field.pointee.childMessage].pointee.firstField)
        var isFaulty = false
        while true {
            if try !appendEntry(try reader.readBytes(), key: key, value: key + 1, into: &output) { isFaulty = true }
            guard let following = try tagOfSameField(field, reader) else { break }
            reader = following.1
        }
        if keys.firstDuplicate(since: mark, in: output) != nil { keys.removeReplaced(since: mark, from: &output) }
        if isFaulty, let entry = keys.firstFaulty(since: mark), let fault = entry.fault {
            noteFault(fault, under: entry.offset..<entry.offset &+ entry.count, in: output)
            throw fault
        }
        keys.drop(to: mark)
        close(from: start, with: UInt8(ascii: "{"), UInt8(ascii: "}"), &output)
    }

    /// Appends `,"key":value`, or nothing for a value that a closed enum does not have.
    ///
    /// Returns false if the value has no JSON form or lacks a required field, and then leaves `,"key":`: whether that
    /// matters is known once all keys are.
    private mutating func appendEntry(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafePointer<FieldEntry>,
        value: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
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
                    return try appendMergedEntry(bytes, key: key, value: value, into: &output)
                }
                valueReader = reader
            }
            try reader.skip(tag)
        }
        let start = output.count
        output.append(UInt8(ascii: ","))
        let keyStart = output.count
        try appendMapKey(key, keyReader, into: &output)
        keys.add(offset: keyStart, in: output)
        let keyEnd = output.count
        output.append(UInt8(ascii: ":"))
        do throws(WireError) {
            if isCareful { return try appendCarefully(value, valueReader, from: start, into: &output) }
            if try !appendEntryValue(value, valueReader, into: &output) {
                output.truncate(to: start)
                keys.drop(to: keys.mark &- 1)
            }
        } catch {
            noteFault(error, under: keyStart..<keyEnd, in: output)
            throw error
        }
        return true
    }

    /// Appends the value of the entry that begins at `start`, like ``appendEntry(_:key:value:into:)``.
    @inline(never)
    private mutating func appendCarefully(
        _ value: UnsafePointer<FieldEntry>,
        _ reader: WireReader?,
        from start: Int,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
        let (valueStart, outerKeys, outerDepth, outerPath) = (output.count, keys.mark, depth, faultPath.count)
        do throws(WireError) {
            if try !appendEntryValue(value, reader, into: &output) {
                output.truncate(to: start)
                keys.drop(to: outerKeys &- 1)
            }
            return true
        } catch {
            guard error == .unrepresentable || error == .missingRequired else { throw error }
            output.truncate(to: valueStart)
            keys.drop(to: outerKeys)
            keys.markFaulty(error)
            depth = outerDepth
            faultPath.drop(to: outerPath)
            return false
        }
    }

    @inline(__always)
    private mutating func appendEntryValue(
        _ value: UnsafePointer<FieldEntry>,
        _ reader: WireReader?,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
        if var reader { return try appendValue(value, &reader, into: &output) }
        if value.pointee.kind.isMessage {
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            try appendMessage(nothing, tables[value.pointee.childMessage], into: &output)
        } else {
            try appendZero(value, into: &output)
        }
        return true
    }

    private mutating func appendMergedEntry(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafePointer<FieldEntry>,
        value: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
        guard isCareful else { throw .unordered }
        let merged = try order(bytes, tables[key.pointee.message])
        defer { forget(merged.count) }
        return try appendEntry(merged.bytes, key: key, value: value, into: &output)
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
            if options.printsEnumsAsNumbers {
                output.appendDecimal(Int64(first.number))
            } else {
                output.append(contentsOf: tables.bytes(value.pointee.quotedName))
            }
        }
    }
}
