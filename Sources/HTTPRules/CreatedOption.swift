package import ProtobufSchema

/// The method option `mltraining.gateway.v1.created`, see `mltraining/gateway/v1/options.proto`.
package struct CreatedOption {
    /// The number of the extension of `google.protobuf.MethodOptions`.
    private static let extensionNumber: Int32 = 72_861

    package private(set) var location = ""

    /// The option in a serialized `google.protobuf.MethodOptions`, nil if there is none.
    package init?(methodOptions options: [UInt8]) throws(WireError) {
        let result = options.withUnsafeBytes { bytes -> Result<CreatedOption?, WireError> in
            do throws(WireError) {
                return .success(try CreatedOption.read(bytes))
            } catch {
                return .failure(error)
            }
        }
        guard let option = try result.get() else { return nil }
        self = option
    }

    private init() {}

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> CreatedOption? {
        var option: CreatedOption?
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag.number == extensionNumber, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            // Several occurrences of one message are merged, as everywhere in protobuf.
            var merged = option ?? CreatedOption()
            var content = WireReader(try reader.readBytes())
            while let tag = try content.nextTag() {
                if tag.number == 1, tag.wireType == .lengthDelimited {
                    merged.location = try content.readString()
                } else {
                    try content.skip(tag)
                }
            }
            option = merged
        }
        return option
    }
}
