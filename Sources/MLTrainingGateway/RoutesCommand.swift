import ArgumentParser
import Gateway
import HTTPRules

struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Lists the routes, one a line: method, template, gRPC method."
    )

    @OptionGroup var descriptors: DescriptorOptions

    func run() throws {
        let api = try ServedAPI(descriptorSet: descriptors.load())
        print(api.routes.listing, terminator: "")
    }
}
