/// One `EnumDescriptorProto`.
struct EnumDescriptor {
    var name = ""
    var values: [(name: String, number: Int32)] = []
    var features: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.readString()
            case (2, .lengthDelimited): values.append(try EnumDescriptor.readValue(try reader.readBytes()))
            case (3, .lengthDelimited): try reader.readOptions(featuresNumber: 7, into: &features)
            default: try reader.skip(tag)
            }
        }
    }

    private static func readValue(
        _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> (name: String, number: Int32) {
        var reader = WireReader(bytes)
        var name = ""
        var number: Int32 = 0
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.readString()
            case (2, .varint): number = Int32(truncatingIfNeeded: try reader.readVarint())
            default: try reader.skip(tag)
            }
        }
        return (name, number)
    }

    /// What value names begin with by convention: `TRAINING_STATUS_` for `TrainingStatus`, `HTTP2_MODE_` for `HTTP2Mode`.
    static func valuePrefix(of name: String) -> String {
        let scalars = Array(name.unicodeScalars)
        var result = ""
        for (index, scalar) in scalars.enumerated() {
            let isUpper = scalar.properties.isUppercase
            if isUpper, index > 0, scalars[index - 1] != "_" {
                let afterLower = !scalars[index - 1].properties.isUppercase
                let beforeLower = index + 1 < scalars.count && scalars[index + 1].properties.isLowercase
                if afterLower || beforeLower { result += "_" }
            }
            result.unicodeScalars.append(contentsOf: scalar.properties.uppercaseMapping.unicodeScalars)
        }
        return result + "_"
    }
}
