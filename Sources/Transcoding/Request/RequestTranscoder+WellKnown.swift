import Bytes
import ProtobufSchema

/// The JSON forms of google.protobuf's messages (protobuf.dev, "ProtoJSON Format").
extension RequestTranscoder {
    /// Appends the content of a well-known message from the value at the cursor.
    mutating func appendWellKnown(
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        switch message.pointee.wellKnownType {
        case .none, .empty: break
        case .any: try appendAny(into: &output)
        case .timestamp, .duration, .fieldMask:
            guard reader.peek() == UInt8(ascii: "\"") else { throw rejectToken(expected: "a string") }
            try appendWellKnown(decoded(try reader.readString()), message, into: &output)
        case .structure:
            guard let fields = tables.field(number: 1, in: message) else { return }
            let frame = openFrame(message)
            try appendField(fields, frame, node: -1, into: &output)
            seen.truncate(to: frame.fields)
        case .listValue:
            guard let values = tables.field(number: 1, in: message) else { return }
            let frame = openFrame(message)
            try appendField(values, frame, node: -1, into: &output)
            seen.truncate(to: frame.fields)
        case .value: try appendDynamicValue(message, into: &output)
        case .doubleValue, .floatValue, .int64Value, .uint64Value, .int32Value, .uint32Value, .boolValue,
            .stringValue, .bytesValue:
            guard let field = tables.field(number: 1, in: message) else { return }
            let start = output.count
            output.appendTag(of: field)
            if try !appendValue(field, node: -1, into: &output) { output.truncate(to: start) }
        }
    }

    /// Appends the content of a well-known message that is one string in JSON, or a wrapper, from text.
    mutating func appendWellKnown(
        _ text: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        switch message.pointee.wellKnownType {
        case .timestamp:
            guard let (seconds, nanos) = TimestampText.parse(text) else {
                throw reject("expected a timestamp like \"2026-01-31T23:59:59.5Z\"")
            }
            append(seconds: seconds, nanos: nanos, to: &output)
        case .duration:
            guard let (seconds, nanos) = DurationText.parse(text) else {
                throw reject("expected a duration like \"1.5s\"")
            }
            append(seconds: seconds, nanos: nanos, to: &output)
        case .fieldMask: try appendFieldMask(text, into: &output)
        case .doubleValue, .floatValue, .int64Value, .uint64Value, .int32Value, .uint32Value, .boolValue,
            .stringValue, .bytesValue:
            guard let field = tables.field(number: 1, in: message) else { return }
            let start = output.count
            output.appendTag(of: field)
            if try !appendScalar(text, field, into: &output) { output.truncate(to: start) }
        case .none, .any, .structure, .value, .listValue, .empty:
            throw reject("a \(schema.name(of: index(of: message))) cannot be given as text")
        }
    }

    private func index(of message: UnsafePointer<MessageEntry>) -> MessageIndex {
        MessageIndex(rawValue: Int32(truncatingIfNeeded: message - tables.messages))
    }

    private func append(seconds: Int64, nanos: Int32, to output: inout ByteBuffer) {
        if seconds != 0 {
            output.append(0x08)
            output.appendVarint(UInt64(bitPattern: seconds))
        }
        if nanos != 0 {
            output.append(0x10)
            output.appendVarint(UInt64(bitPattern: Int64(nanos)))
        }
    }

    /// Paths in lowerCamelCase, joined by commas, become snake_case; `*` stands for all fields (google.aip.dev/134).
    private mutating func appendFieldMask(
        _ text: UnsafeRawBufferPointer,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        if text.isEmpty { return }
        var start = 0
        while start <= text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: ",") { end += 1 }
            let path = text[start..<end]
            if path.isEmpty { throw reject("expected field paths in lowerCamelCase, separated by commas") }
            output.append(0x0A)
            output.appendVarint(UInt64(path.count + path.count { (0x41...0x5A).contains($0) }))
            for byte in path {
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    output.append(UInt8(ascii: "_"))
                    output.append(byte | 0x20)
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "*"):
                    output.append(byte)
                default: throw reject("expected field paths in lowerCamelCase, separated by commas")
                }
            }
            start = end + 1
        }
    }

    /// `google.protobuf.Value`: any JSON value at all.
    private mutating func appendDynamicValue(
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        let number: Int32
        switch reader.peek() {
        case UInt8(ascii: "n"): number = 1
        case UInt8(ascii: "\""): number = 3
        case UInt8(ascii: "t"), UInt8(ascii: "f"): number = 4
        case UInt8(ascii: "{"): number = 5
        case UInt8(ascii: "["): number = 6
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): number = 2
        default: throw reader.unexpected
        }
        guard let field = tables.field(number: number, in: message) else { return }
        output.appendTag(of: field)
        _ = try appendValue(field, node: -1, into: &output)
    }
}
