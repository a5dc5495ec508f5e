import Bytes
import ProtobufSchema

extension RequestTranscoder {
    /// Appends one value without its tag, and says whether it is something else than the default.
    mutating func appendValue(
        _ field: UnsafePointer<FieldEntry>,
        node: Int32,
        into output: inout ByteBuffer
    ) throws(JSONFault) -> Bool {
        let first = reader.peek()
        switch field.pointee.kind {
        case .string:
            guard first == UInt8(ascii: "\"") else { throw rejectToken(expected: "a string") }
            let token = try reader.readString()
            output.appendVarint(UInt64(token.decodedCount))
            token.unescape(into: &output)
            return token.decodedCount > 0
        case .message, .group:
            try appendNested(field, node: node, into: &output)
            return true
        case .bool:
            if first == UInt8(ascii: "t") {
                try reader.readTrue()
                output.append(1)
                return true
            }
            guard first == UInt8(ascii: "f") else { throw rejectToken(expected: "true or false") }
            try reader.readFalse()
            output.append(0)
            return false
        case .bytes:
            guard first == UInt8(ascii: "\"") else { throw rejectToken(expected: "a base64 string") }
            return try appendScalar(decoded(try reader.readString()), field, into: &output)
        case .enumeration:
            if first == UInt8(ascii: "\"") {
                return try appendScalar(decoded(try reader.readString()), field, into: &output)
            }
            if first == UInt8(ascii: "n"), tables[field.pointee.childEnum].pointee.isNullValue {
                try reader.readNull()
                output.append(0)
                return false
            }
            guard isNumber(first) else { throw rejectToken(expected: "the name or number of an enum value") }
            return try appendEnumNumber(try reader.readNumber(), field, into: &output)
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64:
            if isNumber(first) { return try appendInteger(try reader.readNumber(), field, into: &output) }
            guard first == UInt8(ascii: "\"") else { throw rejectToken(expected: "an integer") }
            return try appendScalar(decoded(try reader.readString()), field, into: &output)
        case .double, .float:
            if isNumber(first) { return try appendFloating(try reader.readNumber(), field, into: &output) }
            guard first == UInt8(ascii: "\"") else { throw rejectToken(expected: "a number") }
            return try appendScalar(decoded(try reader.readString()), field, into: &output)
        }
    }

    @inline(__always)
    private func isNumber(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-")
    }

    /// Appends one value from text: a quoted number or name, a map key, a parameter.
    ///
    /// `text` is valid UTF-8. Says whether the value is something else than the default.
    mutating func appendScalar(
        _ text: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) -> Bool {
        switch field.pointee.kind {
        case .string:
            output.appendLengthDelimited(text)
            return !text.isEmpty
        case .bytes:
            let count = Base64.decodedCount(text)
            output.appendVarint(UInt64(count))
            guard Base64.decode(text, into: &output) else { throw reject("not valid base64") }
            return count > 0
        case .bool:
            if text.elementsEqual("true".utf8) {
                output.append(1)
                return true
            }
            guard text.elementsEqual("false".utf8) else { throw reject("expected true or false") }
            output.append(0)
            return false
        case .enumeration:
            let enumeration = tables[field.pointee.childEnum]
            guard let number = tables.number(named: text, in: enumeration) else {
                if ignoresUnknownFields { throw .ignored }
                throw rejectName(text, of: field.pointee.childEnum)
            }
            output.appendVarint(UInt64(bitPattern: Int64(number)))
            return number != 0
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64:
            guard JSONNumber.length(text) == text.count else { throw reject("expected an integer") }
            return try appendInteger(text, field, into: &output)
        case .double, .float:
            if JSONNumber.length(text) == text.count { return try appendFloating(text, field, into: &output) }
            let value: Double
            if text.elementsEqual("NaN".utf8) {
                value = .nan
            } else if text.elementsEqual("Infinity".utf8) {
                value = .infinity
            } else if text.elementsEqual("-Infinity".utf8) {
                value = -.infinity
            } else {
                throw reject("expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
            }
            if field.pointee.kind == .double {
                output.appendFixed64(value.bitPattern)
            } else {
                output.appendFixed32(Float(value).bitPattern)
            }
            return true
        case .message, .group: throw reject("a message cannot be given as text")
        }
    }

    /// Appends a whole number from a valid number token, if it is in the field's range.
    @inline(__always)
    private mutating func appendInteger(
        _ token: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) -> Bool {
        guard let (isNegative, magnitude) = JSONNumber.integer(token) else {
            throw rejectInteger(token, field)
        }
        let isSigned: Bool
        let limit: UInt64
        switch field.pointee.kind {
        case .int32, .sint32, .sfixed32: (isSigned, limit) = (true, 0x7FFF_FFFF)
        case .int64, .sint64, .sfixed64: (isSigned, limit) = (true, 0x7FFF_FFFF_FFFF_FFFF)
        case .uint32, .fixed32: (isSigned, limit) = (false, 0xFFFF_FFFF)
        default: (isSigned, limit) = (false, .max)
        }
        if isNegative {
            guard magnitude == 0 || isSigned && magnitude <= limit &+ 1 else { throw rejectInteger(token, field) }
        } else {
            guard magnitude <= limit else { throw rejectInteger(token, field) }
        }
        // Two's complement: right for both signs once the range is known to fit.
        let bits = isNegative ? 0 &- magnitude : magnitude
        switch field.pointee.kind {
        case .sint32, .sint64:
            let value = Int64(bitPattern: bits)
            output.appendVarint(UInt64(bitPattern: value &<< 1 ^ value &>> 63))
        case .fixed32, .sfixed32: output.appendFixed32(UInt32(truncatingIfNeeded: bits))
        case .fixed64, .sfixed64: output.appendFixed64(bits)
        default: output.appendVarint(bits)
        }
        return magnitude != 0
    }

    @inline(never)
    private mutating func rejectInteger(
        _ token: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>
    ) -> JSONFault {
        let number = String(decoding: token.prefix(40), as: UTF8.self)
        switch field.pointee.kind {
        case .int32, .sint32, .sfixed32:
            return reject("expected an integer from -2147483648 to 2147483647, found \(number)")
        case .uint32, .fixed32: return reject("expected an integer from 0 to 4294967295, found \(number)")
        case .uint64, .fixed64: return reject("expected an integer from 0 to 18446744073709551615, found \(number)")
        default:
            return reject("expected an integer from -9223372036854775808 to 9223372036854775807, found \(number)")
        }
    }

    private mutating func appendFloating(
        _ token: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) -> Bool {
        if field.pointee.kind == .double {
            let value = JSONNumber.double(token)
            guard value.isFinite else { throw reject("the number is out of range") }
            output.appendFixed64(value.bitPattern)
            return value.bitPattern != 0
        }
        let value = JSONNumber.float(token)
        guard value.isFinite else { throw reject("the number is out of range") }
        output.appendFixed32(value.bitPattern)
        return value.bitPattern != 0
    }

    mutating func appendEnumNumber(
        _ token: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) -> Bool {
        guard let (isNegative, magnitude) = JSONNumber.integer(token),
            magnitude <= (isNegative ? 0x8000_0000 : 0x7FFF_FFFF)
        else { throw reject("expected the name or number of an enum value") }
        let number = Int32(truncatingIfNeeded: isNegative ? 0 &- Int64(magnitude) : Int64(magnitude))
        let enumeration = tables[field.pointee.childEnum]
        if enumeration.pointee.isClosed, tables.value(numbered: number, in: enumeration) == nil {
            throw reject("\(number) is not a value of \(schema[field.pointee.childEnum].fullName)")
        }
        output.appendVarint(UInt64(bitPattern: Int64(number)))
        return number != 0
    }

    @inline(never)
    mutating func rejectName(_ text: UnsafeRawBufferPointer, of enumeration: EnumIndex) -> JSONFault {
        let name = Excerpt.text(text)
        let info = schema[enumeration]
        if let nearest = NearestName.find(name, among: info.values.map(\.name)) {
            return reject("unknown value \"\(name)\" of \(info.fullName); did you mean \"\(nearest)\"?")
        }
        if info.values.count <= 12 {
            let names = info.values.map(\.name).joined(separator: ", ")
            return reject("unknown value \"\(name)\" of \(info.fullName); it has \(names)")
        }
        return reject("unknown value \"\(name)\" of \(info.fullName)")
    }
}
