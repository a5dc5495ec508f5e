import ProtobufSchema

/// Checks that bytes are a well-formed message of a type, its known submessages and UTF-8 included.
///
/// Fields that the schema does not have, or has with another wire type, are only passed over, as parsers do.
struct WireChecker {
    let tables: SchemaTables

    func check(_ wire: UnsafeRawBufferPointer, of type: MessageIndex) throws(WireError) {
        try check(wire, tables[type], depth: 0)
    }

    private func check(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        depth: Int
    ) throws(WireError) {
        guard depth <= WireReader.maximumDepth else { throw .tooDeep }
        var reader = WireReader(wire)
        while let tag = try reader.nextTag() {
            guard let field = tables.field(number: tag.number, in: message), field.accepts(tag.wireType) else {
                try reader.skip(tag, depth: depth)
                continue
            }
            switch (field.pointee.kind, tag.wireType) {
            case (.message, .lengthDelimited):
                try check(try reader.readBytes(), tables[field.pointee.childMessage], depth: depth + 1)
            case (.group, .startGroup):
                let content = try reader.readGroup(number: tag.number, depth: depth)
                try check(content, tables[field.pointee.childMessage], depth: depth + 1)
            case (.string, .lengthDelimited):
                guard StringScan.isUTF8(try reader.readBytes()) else { throw .invalidUTF8 }
            case (_, .lengthDelimited) where field.pointee.kind.isPackable:
                try check(packed: try reader.readBytes(), field.pointee.kind.wireType)
            default:
                try reader.skip(tag, depth: depth)
            }
        }
    }

    private func check(packed run: UnsafeRawBufferPointer, _ wireType: WireType) throws(WireError) {
        var reader = WireReader(run)
        while !reader.isAtEnd {
            switch wireType {
            case .fixed32: _ = try reader.readFixed32()
            case .fixed64: _ = try reader.readFixed64()
            default: _ = try reader.readVarint()
            }
        }
    }
}
