import Glibc
import ProtobufSchema
import Testing

/// The descriptor sets in `Resources`, whose README says how they are made.
enum TestSchema {
    static func load(_ name: String) throws -> Schema {
        let path = #filePath.replacing("TestSchema.swift", with: "Resources/\(name).binpb")
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return try Schema(descriptorSet: bytes)
    }
}
