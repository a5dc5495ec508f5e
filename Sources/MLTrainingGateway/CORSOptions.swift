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

    @Flag(help: "Let these pages have browsers send credentials that they know by themselves; not with *.")
    var corsCredentials = false

    @Option(help: ArgumentHelp("Seconds for which browsers need not ask again.", valueName: "seconds"))
    var corsMaxAge = 600

    func validate() throws {
        guard (0...86_400).contains(corsMaxAge) else {
            throw ValidationError("--cors-max-age must be from 0 to 86400")
        }
        _ = try policy(ExposedMetadata())
    }

    func policy(_ metadata: ExposedMetadata) throws -> CORSPolicy {
        do {
            return try CORSPolicy(
                origins: corsOrigin,
                allowsCredentials: corsCredentials,
                maxAge: corsMaxAge,
                metadata: metadata
            )
        } catch {
            throw ValidationError("--cors-origin: \(error)")
        }
    }
}
