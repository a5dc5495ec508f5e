import ArgumentParser
import GRPCChannel
import Gateway
import Settings

/// How the gateway and an `https://` upstream get to trust each other.
struct UpstreamSecurityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PEM file of the authorities that an https:// upstream's certificate must come from. (default: the system's)",
            valueName: "file"
        ),
        completion: .file()
    )
    var upstreamCa: String?

    @Option(
        help: ArgumentHelp(
            "PEM file of the gateway's own certificate for the upstream, with those in between; needs --upstream-key.",
            valueName: "file"
        ),
        completion: .file()
    )
    var upstreamCert: String?

    @Option(
        help: ArgumentHelp("PEM file of the key of --upstream-cert, not encrypted.", valueName: "file"),
        completion: .file()
    )
    var upstreamKey: String?

    @Option(
        help: ArgumentHelp(
            """
            The :authority of calls, HOST[:PORT], in place of the upstream's own; its host is then also the name that \
            TLS asks for (SNI) and that the upstream's certificate must be for.
            """,
            valueName: "authority"
        )
    )
    var upstreamAuthority: String?

    /// Reports what is wrong with the options for these upstreams.
    func check(for targets: [ChannelTarget], _ effective: inout EffectiveSettings) {
        if let upstreamAuthority {
            _ = effective.parse("upstream-authority") { try ChannelTarget.checkAuthority(upstreamAuthority) }
        }
        if (upstreamCert == nil) != (upstreamKey == nil) {
            effective.report("--upstream-cert and --upstream-key come together", "upstream-cert", "upstream-key")
        }
        guard !targets.contains(where: \.usesTLS) else { return }
        let names = targets.map(\.description).joined(separator: ", ")
        for (name, file) in [("upstream-ca", upstreamCa), ("upstream-cert", upstreamCert)] where file != nil {
            effective.report("--\(name) is for an https:// upstream, not \(names)", name, "upstream")
        }
    }

    /// Reads the files; nil for upstreams without TLS.
    func credentials(for targets: [ChannelTarget]) throws(GatewayError) -> TLSCredentials? {
        guard let target = targets.first(where: \.usesTLS) else { return nil }
        do {
            return try TLSCredentials(
                TLSCredentials.Files(authorities: upstreamCa, certificate: upstreamCert, key: upstreamKey)
            )
        } catch {
            throw GatewayError("no TLS to \(target.description): \(error)")
        }
    }
}
