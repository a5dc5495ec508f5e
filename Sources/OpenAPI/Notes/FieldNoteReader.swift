import ProtobufSchema

/// What one `FieldDescriptorProto` says to people.
struct FieldNoteReader {
    /// `google.api.field_behavior`, see google/api/field_behavior.proto.
    private static let behaviorNumber: Int32 = 1052
    /// `mltraining.gateway.v1.docs`, see mltraining/gateway/v1/options.proto.
    private static let docsNumber: Int32 = 72_862

    private(set) var name = ""
    private(set) var number: Int32 = 0
    var note = DescriptorNotes.FieldNote()

    init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.text()
            case (3, .varint): number = Int32(truncatingIfNeeded: try reader.readVarint())
            case (7, .lengthDelimited): note.defaultText = try reader.text()
            case (8, .lengthDelimited): try read(options: try reader.readBytes())
            default: try reader.skip(tag)
            }
        }
    }

    private mutating func read(options bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (3, .varint): note.note.isDeprecated = try reader.readVarint() != 0
            case (FieldNoteReader.behaviorNumber, .varint): add(behavior: try reader.readVarint())
            case (FieldNoteReader.behaviorNumber, .lengthDelimited):
                var run = WireReader(try reader.readBytes())
                while !run.isAtEnd { add(behavior: try run.readVarint()) }
            case (FieldNoteReader.docsNumber, .lengthDelimited): try read(docs: try reader.readBytes())
            default: try reader.skip(tag)
            }
        }
    }

    private mutating func add(behavior: UInt64) {
        switch behavior {
        case 2: note.isRequired = true
        case 3: note.isOutputOnly = true
        default: break
        }
    }

    /// `mltraining.gateway.v1.Docs`.
    private mutating func read(docs bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): note.examples.append(try reader.text())
            case (2, .varint): note.isAbsentInExamples = try reader.readVarint() != 0
            case (3, .lengthDelimited): note.pattern = try reader.text()
            default: try reader.skip(tag)
            }
        }
    }
}
