import ProtobufSchema
import Testing

/// The schema of `Tests/RichMessages`, compiled once.
enum RichSchema {
    static let schema: Result<Schema, any Error> = Result {
        let path = #filePath.replacing("TranscodingTests/RichSchema.swift", with: "RichMessages/rich.binpb")
        return try Schema(descriptorSet: try #require(TestSchema.readFile(path)))
    }
}
