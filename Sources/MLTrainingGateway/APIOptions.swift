import ArgumentParser
import Gateway
import HTTPRules
import ServiceConfig

/// The served API: messages and methods, and how HTTP reaches them.
struct APIOptions: ParsableArguments {
    @OptionGroup var descriptors: DescriptorOptions

    @Option(
        name: .customLong("http-rules"),
        help: ArgumentHelp(
            "A gRPC API service configuration in YAML or JSON (type: google.api.Service) with HTTP rules.",
            discussion: "The rule of a method there overrides its google.api.http annotation as a whole.",
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var httpRules: String?

    @Flag(
        name: .customLong("auto-map"),
        inversion: .prefixedNo,
        help: "Serve each method without a rule as POST /package.Service/Method, with the request as the body."
    )
    var autoMap = false

    /// Reads the files and compiles them.
    func load() throws -> ServedAPI { try load(descriptors.load()) }

    /// Compiles the descriptor set that ``DescriptorOptions/load()`` has read, with the rules of the file.
    func load(_ descriptorSet: [UInt8]) throws -> ServedAPI {
        var options = RouteBuilder.Options(mapsMethodsWithoutRule: autoMap)
        if let httpRules {
            let text = try InputFile.read(httpRules, limit: ServiceConfig.maximumBytes)
            do {
                options.ruleFile = try ServiceConfig.rules(text, file: httpRules)
            } catch {
                throw GatewayError("\(error)")
            }
        }
        return try ServedAPI(descriptorSet: descriptorSet, options: options)
    }
}
