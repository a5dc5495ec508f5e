import ArgumentParser
import Gateway
import Settings

/// What stands in front of the gateway.
struct ProxyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Whose Forwarded or X-Forwarded-* headers count: an IP address, a network such as 10.0.0.0/8, or unix for peers of \
            a unix-domain socket; repeatable.
            """,
            valueName: "network[,network]"
        )
    )
    var trustedProxy: [String] = []

    @Option(
        help: ArgumentHelp(
            "Serve all routes below this path, such as /training, which Location headers then have too.",
            valueName: "path"
        )
    )
    var basePath = ""

    /// What is trusted, none where that is reported to be wrong.
    func trustedProxies(_ effective: inout EffectiveSettings) -> TrustedProxies {
        effective.parse("trusted-proxy") { try TrustedProxies(parsing: trustedProxy) } ?? TrustedProxies()
    }

    /// The path, none where it is reported to be wrong.
    func path(_ effective: inout EffectiveSettings) -> BasePath {
        effective.parse("base-path") { try BasePath(basePath) } ?? BasePath()
    }
}
