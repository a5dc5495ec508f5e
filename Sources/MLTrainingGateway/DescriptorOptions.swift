import ArgumentParser
import Gateway
import Glibc
import MLTraining

/// Where the served API comes from.
struct DescriptorOptions: ParsableArguments {
    @Option(
        name: .customLong("descriptor-set"),
        help: ArgumentHelp(
            "A compiled FileDescriptorSet with google.api.http annotations. (default: the ML training API)",
            valueName: "file"
        )
    )
    var descriptorSet: String?

    /// The serialized descriptor set.
    func load() throws -> [UInt8] {
        guard let descriptorSet else { return MLTrainingAPI.descriptorSet }
        return try readFile(descriptorSet)
    }

    private func readFile(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw GatewayError("\(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            content += chunk[..<count]
            guard count == chunk.count else { break }
        }
        guard ferror(file) == 0 else { throw GatewayError("\(path): \(String(cString: strerror(errno)))") }
        return content
    }
}
