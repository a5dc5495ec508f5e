/// One `ServiceDescriptorProto`, its types not yet resolved.
struct RawService {
    var name = ""
    var methods: [RawMethod] = []

    struct RawMethod {
        var name = ""
        var input = ""
        var output = ""
        var isClientStreaming = false
        var isServerStreaming = false
        var options: [UInt8] = []
        var idempotency: UInt64 = 0
    }

    init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): name = try reader.readString()
            case (2, .lengthDelimited): methods.append(try RawService.readMethod(try reader.readBytes()))
            default: try reader.skip(tag)
            }
        }
    }

    private static func readMethod(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> RawMethod {
        var reader = WireReader(bytes)
        var method = RawMethod()
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): method.name = try reader.readString()
            case (2, .lengthDelimited): method.input = try reader.readString()
            case (3, .lengthDelimited): method.output = try reader.readString()
            case (4, .lengthDelimited): method.options += try reader.readBytes()
            case (5, .varint): method.isClientStreaming = try reader.readVarint() != 0
            case (6, .varint): method.isServerStreaming = try reader.readVarint() != 0
            default: try reader.skip(tag)
            }
        }
        // MethodOptions.idempotency_level
        try method.options.withWireReader { options throws(WireError) in
            while let tag = try options.nextTag() {
                if tag.number == 34, tag.wireType == .varint {
                    method.idempotency = try options.readVarint()
                } else {
                    try options.skip(tag)
                }
            }
        }
        return method
    }
}
