/// One `FileDescriptorProto`, as far as transcoding needs it.
struct FileDescriptor {
    var name = ""
    var package = ""
    var dependencies: [String] = []
    var messages: [TypeDescriptor] = []
    var enums: [EnumDescriptor] = []
    var services: [RawService] = []
    var extensions: [FieldDescriptor] = []
    var features: [UInt8] = []
    var syntax = ""
    var edition: UInt64 = 0
    /// Lines of methods by service and method, from 0.
    var methodLines: [[Int]: Int] = [:]

    /// Fields of descriptor.proto that are read; all others are passed over.
    init(_ reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.readString()
            case (2, .lengthDelimited): package = try reader.readString()
            case (3, .lengthDelimited): dependencies.append(try reader.readString())
            case (4, .lengthDelimited): messages.append(try TypeDescriptor(try reader.readBytes(), depth: 0))
            case (5, .lengthDelimited): enums.append(try EnumDescriptor(try reader.readBytes()))
            case (6, .lengthDelimited): services.append(try RawService(try reader.readBytes()))
            case (7, .lengthDelimited): extensions.append(try FieldDescriptor(try reader.readBytes()))
            case (8, .lengthDelimited): try reader.readOptions(featuresNumber: 50, into: &features)
            case (9, .lengthDelimited): try readSourceInfo(try reader.readBytes())
            case (12, .lengthDelimited): syntax = try reader.readString()
            case (14, .varint): edition = try reader.readVarint()
            default: try reader.skip(tag)
            }
        }
    }

    /// Keeps the lines of methods, whose paths are 6 (service), i, 2 (method), j.
    private mutating func readSourceInfo(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag.number == 1, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            var location = WireReader(try reader.readBytes())
            var path: [Int] = []
            var span: [Int] = []
            while let tag = try location.nextTag() {
                guard tag.number <= 2 else {
                    try location.skip(tag)
                    continue
                }
                let numbers = try location.readIntegers(tag, limit: 5)
                if tag.number == 1 { path += numbers } else { span += numbers }
            }
            if path.count == 4, path[0] == 6, path[2] == 2, let line = span.first {
                methodLines[[path[1], path[3]]] = line
            }
        }
    }

    /// The features that the file's syntax or edition stands for.
    var defaultFeatures: FeatureSet? {
        switch (syntax, edition) {
        case ("", _), ("proto2", _): .proto2
        case ("proto3", _): .proto3
        case ("editions", 998): .proto2
        case ("editions", 999): .proto3
        case ("editions", 1000), ("editions", 1001): .edition2023
        default: nil
        }
    }
}

extension WireReader {
    /// Reads an options message, keeping the features inside it.
    mutating func readOptions(featuresNumber: Int32, into features: inout [UInt8]) throws(WireError) {
        var options = WireReader(try readBytes())
        while let tag = try options.nextTag() {
            if tag.number == featuresNumber, tag.wireType == .lengthDelimited {
                // Serialized messages merge by concatenation.
                features += try options.readBytes()
            } else {
                try options.skip(tag)
            }
        }
    }

    /// Reads a repeated int32, packed or not, refusing none but keeping at most `limit` of a run.
    mutating func readIntegers(_ tag: WireTag, limit: Int) throws(WireError) -> [Int] {
        guard tag.wireType == .lengthDelimited else {
            guard tag.wireType == .varint else {
                try skip(tag)
                return []
            }
            return [Int(truncatingIfNeeded: try readVarint())]
        }
        var run = WireReader(try readBytes())
        var numbers: [Int] = []
        while !run.isAtEnd {
            let number = try run.readVarint()
            if numbers.count < limit { numbers.append(Int(truncatingIfNeeded: number)) }
        }
        return numbers
    }
}
