import Bytes
import ProtobufSchema

/// The JSON forms of google.protobuf's messages (protobuf.dev, "ProtoJSON Format").
extension ResponseTranscoder {
    mutating func appendWellKnown(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        switch message.pointee.wellKnownType {
        case .none, .empty: break
        case .any: try appendAny(wire, into: &output)
        case .timestamp: try appendTimestamp(wire, into: &output)
        case .duration: try appendDuration(wire, into: &output)
        case .fieldMask: try appendFieldMask(wire, into: &output)
        case .structure, .listValue: try appendOnlyField(wire, message, into: &output)
        case .value: try appendKindOfValue(wire, message, into: &output)
        case .doubleValue, .floatValue, .int64Value, .uint64Value, .int32Value, .uint32Value, .boolValue,
            .stringValue, .bytesValue:
            try appendWrapped(wire, message, into: &output)
        }
    }

    /// Seconds and nanoseconds of a `Timestamp` or `Duration`.
    private func readSecondsAndNanos(
        _ wire: UnsafeRawBufferPointer
    ) throws(WireError) -> (seconds: Int64, nanos: Int32) {
        var reader = WireReader(wire)
        var seconds: Int64 = 0
        var nanos: Int32 = 0
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            switch (tag.number, tag.wireType) {
            case (1, .varint): seconds = Int64(bitPattern: try reader.readVarint())
            case (2, .varint): nanos = Int32(truncatingIfNeeded: try reader.readVarint())
            default: try reader.skip(tag)
            }
        }
        return (seconds, nanos)
    }

    /// RFC 3339 in UTC, with 0, 3, 6 or 9 digits of a second.
    private func appendTimestamp(_ wire: UnsafeRawBufferPointer, into output: inout ByteBuffer) throws(WireError) {
        let (seconds, nanos) = try readSecondsAndNanos(wire)
        guard CivilTime.validSeconds.contains(seconds), (0..<1_000_000_000).contains(nanos) else {
            throw .unrepresentable
        }
        let time = CivilTime(seconds: seconds)
        output.append(UInt8(ascii: "\""))
        output.appendDigits(UInt32(time.year), count: 4)
        output.append(UInt8(ascii: "-"))
        output.appendDigits(UInt32(time.month), count: 2)
        output.append(UInt8(ascii: "-"))
        output.appendDigits(UInt32(time.day), count: 2)
        output.append(UInt8(ascii: "T"))
        output.appendDigits(UInt32(time.hour), count: 2)
        output.append(UInt8(ascii: ":"))
        output.appendDigits(UInt32(time.minute), count: 2)
        output.append(UInt8(ascii: ":"))
        output.appendDigits(UInt32(time.second), count: 2)
        appendFraction(UInt32(nanos), into: &output)
        output.append("Z\"")
    }

    /// Seconds with 0, 3, 6 or 9 decimals and an `s`.
    private func appendDuration(_ wire: UnsafeRawBufferPointer, into output: inout ByteBuffer) throws(WireError) {
        let (seconds, nanos) = try readSecondsAndNanos(wire)
        guard (-315_576_000_000...315_576_000_000).contains(seconds), (-999_999_999...999_999_999).contains(nanos),
            seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
        else { throw .unrepresentable }
        output.append(UInt8(ascii: "\""))
        if seconds < 0 || nanos < 0 { output.append(UInt8(ascii: "-")) }
        output.appendDecimal(seconds.magnitude)
        appendFraction(nanos.magnitude, into: &output)
        output.append("s\"")
    }

    private func appendFraction(_ nanos: UInt32, into output: inout ByteBuffer) {
        if nanos == 0 { return }
        output.append(UInt8(ascii: "."))
        if nanos % 1_000_000 == 0 {
            output.appendDigits(nanos / 1_000_000, count: 3)
        } else if nanos % 1000 == 0 {
            output.appendDigits(nanos / 1000, count: 6)
        } else {
            output.appendDigits(nanos, count: 9)
        }
    }

    /// Paths in lowerCamelCase, joined by commas; a path that would not read back the same has no JSON form.
    private func appendFieldMask(_ wire: UnsafeRawBufferPointer, into output: inout ByteBuffer) throws(WireError) {
        var reader = WireReader(wire)
        output.append(UInt8(ascii: "\""))
        var isFirst = true
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard tag.number == 1, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            var isAfterUnderscore = false
            let path = try reader.readBytes()
            // Nothing between two commas is no path to whoever reads it.
            if path.isEmpty { throw .unrepresentable }
            for byte in path {
                switch byte {
                case UInt8(ascii: "_"):
                    if isAfterUnderscore { throw .unrepresentable }
                    isAfterUnderscore = true
                    continue
                case UInt8(ascii: "a")...UInt8(ascii: "z"):
                    output.append(isAfterUnderscore ? byte &- 32 : byte)
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "*"):
                    if isAfterUnderscore { throw .unrepresentable }
                    output.append(byte)
                default: throw .unrepresentable
                }
                isAfterUnderscore = false
            }
            if isAfterUnderscore { throw .unrepresentable }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// `Struct` and `ListValue`: the one field that they have, without its key.
    private mutating func appendOnlyField(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        guard let field = tables.field(number: 1, in: message) else { throw .unrepresentable }
        var reader = WireReader(wire)
        var isPrinted = false
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard tag.number == 1, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            guard !isPrinted else { throw .unordered }
            isPrinted = true
            if field.pointee.cardinality == .map {
                try appendMap(field, &reader, into: &output)
            } else {
                try appendList(tag, field, &reader, into: &output)
            }
        }
        if !isPrinted { appendDefaultValue(field, into: &output) }
    }

    /// `Value`: whichever kind it holds.
    private mutating func appendKindOfValue(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        var reader = WireReader(wire)
        var isPrinted = false
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard let field = tables.field(number: tag.number, in: message), field.accepts(tag.wireType) else {
                try reader.skip(tag)
                continue
            }
            guard !isPrinted else { throw .unordered }
            isPrinted = true
            if field.pointee.kind == .double {
                let number = Double(bitPattern: try reader.readFixed64())
                // JSON has no such numbers, and a string would read back as a string.
                guard number.isFinite else { throw .unrepresentable }
                output.appendJSON(number)
            } else {
                _ = try appendValue(field, &reader, into: &output)
            }
        }
        guard isPrinted else { throw .unrepresentable }
    }

    private mutating func appendWrapped(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        guard let field = tables.field(number: 1, in: message) else { throw .unrepresentable }
        var reader = WireReader(wire)
        var last: WireReader?
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            if tag.number == 1, field.accepts(tag.wireType) { last = reader }
            try reader.skip(tag)
        }
        if var last {
            _ = try appendValue(field, &last, into: &output)
        } else {
            try appendZero(field, into: &output)
        }
    }
}
