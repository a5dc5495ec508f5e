import ArgumentParser
import Gateway
import HTTPRules
import OpenAPI

struct OpenAPICommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case json
        case yaml
    }

    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Prints the OpenAPI 3.1 document of the API.",
        discussion: "The options are those of serve, and the document is that of a gateway with these options."
    )

    @Option(help: "json or yaml.")
    var format = Format.yaml

    @OptionGroup var api: APIOptions

    @OptionGroup var json: JSONOptionGroup

    @OptionGroup var publicURL: PublicURLOptions

    @OptionGroup var signIn: SignInOptions

    @OptionGroup var proxy: ProxyOptions

    func run() throws {
        let bytes = try api.descriptors.load()
        let served = try api.load(bytes)
        var options = OpenAPIOptions(json)
        options.publicURL = try publicURL.url()
        options.basePath = try BasePath(proxy.basePath).text
        options.signIn = signIn.documented
        let document = OpenAPIDocument(
            schema: served.schema,
            routes: served.routes.routes,
            descriptorSet: bytes,
            options: options
        )
        try StandardStreams.write(format == .json ? document.json() : document.yaml())
    }
}

extension OpenAPIOptions {
    /// What the options of JSON mean for the document.
    init(_ json: JSONOptionGroup) {
        self.init()
        omitsDefaults = json.jsonOmitDefaults
        usesOriginalNames = json.jsonOriginalNames
        printsEnumsAsNumbers = json.jsonEnumsAsNumbers
        ignoresUnknownFields = json.jsonIgnoreUnknownFields
    }
}

extension SignInOptions {
    /// The mode, as the document tells it.
    var documented: OpenAPIOptions.SignIn {
        switch viamAuth {
        case .passthrough: .passthrough
        case .clientKey: .clientKey
        case .serviceKey: clientTokens == nil ? .serviceKey : .clientTokens
        }
    }
}
