/// One `DescriptorProto`.
struct TypeDescriptor {
    var name = ""
    var fields: [FieldDescriptor] = []
    var nested: [TypeDescriptor] = []
    var enums: [EnumDescriptor] = []
    var extensions: [FieldDescriptor] = []
    var oneofCount = 0
    var isMapEntry = false
    var isMessageSet = false
    var features: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(WireError) {
        guard depth < WireReader.maximumDepth else { throw .tooDeep }
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.readString()
            case (2, .lengthDelimited): fields.append(try FieldDescriptor(try reader.readBytes()))
            case (3, .lengthDelimited): nested.append(try TypeDescriptor(try reader.readBytes(), depth: depth + 1))
            case (4, .lengthDelimited): enums.append(try EnumDescriptor(try reader.readBytes()))
            case (6, .lengthDelimited): extensions.append(try FieldDescriptor(try reader.readBytes()))
            case (7, .lengthDelimited): try readOptions(try reader.readBytes())
            case (8, .lengthDelimited):
                _ = try reader.readBytes()
                oneofCount += 1
            default: try reader.skip(tag)
            }
        }
    }

    private mutating func readOptions(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): isMessageSet = try reader.readVarint() != 0
            case (7, .varint): isMapEntry = try reader.readVarint() != 0
            case (12, .lengthDelimited): features += try reader.readBytes()
            default: try reader.skip(tag)
            }
        }
    }
}
