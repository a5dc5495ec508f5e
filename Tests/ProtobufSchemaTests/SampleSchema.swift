import Glibc
import ProtobufSchema
import Testing

/// The descriptor set in `Resources`, whose README says how it was made.
enum SampleSchema {
    static func bytes() throws -> [UInt8] {
        let path = #filePath.replacing("SampleSchema.swift", with: "Resources/sample.binpb")
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    static func load() throws -> Schema { try Schema(descriptorSet: bytes()) }
}
