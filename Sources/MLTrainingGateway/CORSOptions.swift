import ArgumentParser
import Gateway

/// Which web pages `serve` lets use it.
struct CORSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Let web pages of this origin use the gateway: https://app.example.com, https://*.example.com for the sub-domains of \
            one, or * for any page; repeatable.
            """,
            valueName: "origin"
        )
    )
    var corsOrigin: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: "Let these pages have browsers send credentials that they know by themselves; not with *."
    )
    var corsCredentials = false

    @Option(help: ArgumentHelp("Seconds for which browsers need not ask again.", valueName: "seconds"))
    var corsMaxAge = 600

    func policy(_ metadata: ExposedMetadata) throws(GatewayError) -> CORSPolicy {
        try CORSPolicy(
            origins: corsOrigin,
            allowsCredentials: corsCredentials,
            maxAge: corsMaxAge,
            metadata: metadata
        )
    }
}
