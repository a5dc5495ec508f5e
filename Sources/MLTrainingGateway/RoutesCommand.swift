import ArgumentParser
import Gateway
import HTTPRules

struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Lists the routes, one a line: method, template, gRPC method."
    )

    @OptionGroup var api: APIOptions

    func run() throws {
        try StandardStreams.write(api.load().routes.listing)
    }
}
