import ArgumentParser
import Gateway
import HTTPRules
import OpenAPI
import TypeScriptClient

struct TypeScriptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "typescript",
        abstract: "Prints a client of the gateway for TypeScript: one file that depends on nothing.",
        discussion: "The options are those of serve, and the client is for a gateway with these options."
    )

    @OptionGroup var api: APIOptions

    @OptionGroup var json: JSONOptionGroup

    func run() throws {
        let bytes = try api.descriptors.load()
        let served = try api.load(bytes)
        let client = TypeScriptClient(
            served.schema,
            served.routes,
            notes: DescriptorNotes(descriptorSet: bytes),
            options: OpenAPIOptions(json)
        )
        try StandardStreams.write(client.source())
    }
}
