import Bytes
import ProtobufSchema

extension ResponseTranscoder {
    /// Appends one field of the message in `wire` as the whole answer (`response_body`).
    mutating func appendBody(
        _ wire: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        let message = tables[field.pointee.message]
        if isCareful, !normalizer.isOrdered(wire, message) {
            let ordered = try order(wire, message)
            defer { forget(ordered.count) }
            try appendOrderedBody(ordered.bytes, field, into: &output)
        } else {
            try appendOrderedBody(wire, field, into: &output)
        }
    }

    private mutating func appendOrderedBody(
        _ wire: UnsafeRawBufferPointer,
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        var reader = WireReader(wire)
        var isPrinted = false
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard tag.number == field.pointee.number, field.accepts(tag.wireType) else {
                // A later member of the same oneof takes this one's place.
                if isPrinted, field.pointee.oneof >= 0,
                    let other = tables.field(number: tag.number, in: tables[field.pointee.message]),
                    other.pointee.oneof == field.pointee.oneof
                {
                    throw .unordered
                }
                try reader.skip(tag)
                continue
            }
            guard !isPrinted else { throw .unordered }
            do throws(WireError) {
                switch field.pointee.cardinality {
                case .implicit, .explicit, .required: isPrinted = try appendValue(field, &reader, into: &output)
                case .repeated, .packed:
                    try appendList(tag, field, &reader, into: &output)
                    isPrinted = true
                case .map:
                    try appendMap(field, &reader, into: &output)
                    isPrinted = true
                }
            } catch {
                noteFault(error, in: field)
                throw error
            }
        }
        if !isPrinted { try appendAbsentBody(field, into: &output) }
    }

    private mutating func appendAbsentBody(
        _ field: UnsafePointer<FieldEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        if field.pointee.defaultLength > 0 {
            appendDefaultValue(field, into: &output)
        } else if field.pointee.kind.isMessage {
            let message = tables[field.pointee.childMessage]
            if message.pointee.wellKnownType.hasOwnForm || message.pointee.requiredCount > 0 {
                output.append("null")
            } else {
                try appendMessage(UnsafeRawBufferPointer(start: nil, count: 0), message, into: &output)
            }
        } else {
            output.append("null")
        }
    }
}
