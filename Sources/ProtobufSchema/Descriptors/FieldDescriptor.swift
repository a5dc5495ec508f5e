/// One `FieldDescriptorProto`.
struct FieldDescriptor {
    var name = ""
    var extendee = ""
    var number: Int64 = 0
    var label: UInt64 = 0
    var type: UInt64 = 0
    var typeName = ""
    var jsonName = ""
    var oneof: Int?
    var isProto3Optional = false
    var packed: Bool?
    var features: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.readString()
            case (2, .lengthDelimited): extendee = try reader.readString()
            case (3, .varint): number = Int64(bitPattern: try reader.readVarint())
            case (4, .varint): label = try reader.readVarint()
            case (5, .varint): type = try reader.readVarint()
            case (6, .lengthDelimited): typeName = try reader.readString()
            case (8, .lengthDelimited): try readOptions(try reader.readBytes())
            case (9, .varint): oneof = Int(truncatingIfNeeded: try reader.readVarint())
            case (10, .lengthDelimited): jsonName = try reader.readString()
            case (17, .varint): isProto3Optional = try reader.readVarint() != 0
            default: try reader.skip(tag)
            }
        }
    }

    private mutating func readOptions(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (2, .varint): packed = try reader.readVarint() != 0
            case (21, .lengthDelimited): features += try reader.readBytes()
            default: try reader.skip(tag)
            }
        }
    }

    var isRepeated: Bool { label == 3 }
    var isRequired: Bool { label == 2 }

    /// The JSON name that protoc gives a field that names none itself: underscores go, the letter after one is upper.
    static func jsonName(of name: String) -> String {
        var result = ""
        var upper = false
        for scalar in name.unicodeScalars {
            if scalar == "_" {
                upper = true
            } else if upper, scalar >= "a", scalar <= "z" {
                result.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) - 32))
                upper = false
            } else {
                result.unicodeScalars.append(scalar)
                upper = false
            }
        }
        return result
    }
}
