import ArgumentParser
import Gateway
import MLTraining

/// Where the messages and methods come from.
struct DescriptorOptions: ParsableArguments {
    @Option(
        name: .customLong("descriptor-set"),
        help: ArgumentHelp(
            "A compiled FileDescriptorSet, imports included. (default: the ML training API)",
            valueName: "file"
        ),
        completion: .file()
    )
    var descriptorSet: String?

    /// The serialized descriptor set.
    func load() throws -> [UInt8] {
        guard let descriptorSet else { return MLTrainingAPI.descriptorSet }
        return try InputFile.read(descriptorSet, limit: 64 << 20)
    }
}
