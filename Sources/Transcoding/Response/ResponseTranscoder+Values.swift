import Bytes
import ProtobufSchema

extension ResponseTranscoder {
    /// Appends key and value of a singular field whose tag has just been read.
    ///
    /// Returns false for a number that a closed enum does not have: the field is not there then.
    mutating func appendSingular(
        _ tag: WireTag,
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
        let start = output.count
        if options.omitsDefaults, field.pointee.cardinality == .implicit {
            var lookahead = reader
            if try isDefault(field, &lookahead) {
                reader = lookahead
                return true
            }
        }
        appendKey(field, into: &output)
        if try appendValue(field, &reader, into: &output) { return true }
        output.truncate(to: start)
        return false
    }

    /// Whether the value that follows is what an absent field means.
    private func isDefault(_ field: UnsafePointer<FieldEntry>, _ reader: inout WireReader) throws(WireError) -> Bool {
        switch field.pointee.kind.wireType {
        case .varint:
            let value = try reader.readVarint()
            switch field.pointee.kind {
            case .int32, .uint32, .sint32, .enumeration: return UInt32(truncatingIfNeeded: value) == 0
            default: return value == 0
            }
        case .fixed64: return try reader.readFixed64() == 0
        case .fixed32: return try reader.readFixed32() == 0
        case .lengthDelimited: return try reader.readBytes().isEmpty
        case .startGroup, .endGroup: return false
        }
    }

    /// Appends one value, or returns false for a number that a closed enum does not have.
    mutating func appendValue(
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
        switch field.pointee.kind {
        case .string:
            let text = try reader.readBytes()
            guard output.appendJSONString(text) else { throw .invalidUTF8 }
        case .message:
            let bytes = try reader.readBytes()
            try appendMessage(bytes, tables[field.pointee.childMessage], into: &output)
        case .enumeration:
            return appendEnum(Int32(truncatingIfNeeded: try reader.readVarint()), field, into: &output)
        case .bool:
            if try reader.readVarint() != 0 { output.append("true") } else { output.append("false") }
        case .int32:
            output.appendDecimal(Int64(Int32(truncatingIfNeeded: try reader.readVarint())))
        case .uint32:
            output.appendDecimal(UInt64(UInt32(truncatingIfNeeded: try reader.readVarint())))
        case .sint32:
            let raw = UInt32(truncatingIfNeeded: try reader.readVarint())
            output.appendDecimal(Int64(Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)))
        case .int64:
            appendQuoted(Int64(bitPattern: try reader.readVarint()), into: &output)
        case .uint64:
            appendQuoted(try reader.readVarint(), into: &output)
        case .sint64:
            let raw = try reader.readVarint()
            appendQuoted(Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1), into: &output)
        case .fixed32:
            output.appendDecimal(UInt64(try reader.readFixed32()))
        case .sfixed32:
            output.appendDecimal(Int64(Int32(bitPattern: try reader.readFixed32())))
        case .fixed64:
            appendQuoted(try reader.readFixed64(), into: &output)
        case .sfixed64:
            appendQuoted(Int64(bitPattern: try reader.readFixed64()), into: &output)
        case .double:
            output.appendJSON(Double(bitPattern: try reader.readFixed64()))
        case .float:
            output.appendJSON(Float(bitPattern: try reader.readFixed32()))
        case .bytes:
            output.appendBase64(try reader.readBytes())
        case .group:
            let bytes = try reader.readGroup(number: field.pointee.number, depth: depth)
            try appendMessage(bytes, tables[field.pointee.childMessage], into: &output)
        }
        return true
    }

    private func appendQuoted(_ value: UInt64, into output: inout ByteBuffer) {
        output.append(UInt8(ascii: "\""))
        output.appendDecimal(value)
        output.append(UInt8(ascii: "\""))
    }

    private func appendQuoted(_ value: Int64, into output: inout ByteBuffer) {
        output.append(UInt8(ascii: "\""))
        output.appendDecimal(value)
        output.append(UInt8(ascii: "\""))
    }

    private func appendEnum(
        _ number: Int32,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) -> Bool {
        let enumeration = tables[field.pointee.childEnum]
        let value = tables.value(numbered: number, in: enumeration)
        if value == nil, enumeration.pointee.isClosed { return false }
        if enumeration.pointee.isNullValue {
            output.append("null")
        } else if let value, !options.printsEnumsAsNumbers {
            let name = value.pointee.quotedName
            output.appendPadded(tables.text + Int(name.offset), count: Int(name.count))
        } else {
            output.appendDecimal(Int64(number))
        }
        return true
    }

    /// Appends a repeated field from its first tag, just read, to its last.
    mutating func appendList(
        _ firstTag: WireTag,
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        into output: inout ByteBuffer
    ) throws(WireError) {
        let start = output.count
        var tag = firstTag
        var index = 0
        while true {
            do throws(WireError) {
                if tag.wireType == .lengthDelimited, field.pointee.kind.isPackable {
                    var run = WireReader(try reader.readBytes())
                    while !run.isAtEnd {
                        try appendElement(field, &run, into: &output)
                        index &+= 1
                    }
                } else {
                    try appendElement(field, &reader, into: &output)
                    index &+= 1
                }
            } catch {
                noteFault(error, at: index)
                throw error
            }
            guard let following = try tagOfSameField(field, reader) else { break }
            (tag, reader) = following
        }
        close(from: start, with: UInt8(ascii: "["), UInt8(ascii: "]"), &output)
    }

    @inline(__always)
    private mutating func appendElement(
        _ field: UnsafePointer<FieldEntry>,
        _ reader: inout WireReader,
        into output: inout ByteBuffer
    ) throws(WireError) {
        let start = output.count
        guard start <= outputEnd else { throw .outputTooLarge }
        output.append(UInt8(ascii: ","))
        if try !appendValue(field, &reader, into: &output) { output.truncate(to: start) }
    }

    /// The next tag and the reader behind it, if that tag continues the repeated field.
    @inline(__always)
    func tagOfSameField(
        _ field: UnsafePointer<FieldEntry>,
        _ reader: WireReader
    ) throws(WireError) -> (WireTag, WireReader)? {
        var lookahead = reader
        guard !lookahead.isAtEnd else { return nil }
        let tag = try lookahead.readTag()
        guard tag.number == field.pointee.number, field.accepts(tag.wireType) else { return nil }
        return (tag, lookahead)
    }
}
