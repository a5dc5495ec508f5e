import ArgumentParser
import GRPCChannel
import Gateway

/// How the gateway and an `https://` upstream get to trust each other.
struct UpstreamSecurityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PEM file of the authorities that an https:// upstream's certificate must come from. (default: the system's)",
            valueName: "file"
        )
    )
    var upstreamCa: String?

    @Option(
        help: ArgumentHelp(
            "PEM file of the gateway's own certificate for the upstream, with those in between; needs --upstream-key.",
            valueName: "file"
        )
    )
    var upstreamCert: String?

    @Option(help: ArgumentHelp("PEM file of the key of --upstream-cert, not encrypted.", valueName: "file"))
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

    func validate(for targets: [ChannelTarget]) throws {
        if let upstreamAuthority {
            do {
                try ChannelTarget.checkAuthority(upstreamAuthority)
            } catch {
                throw ValidationError("--upstream-authority: \(error)")
            }
        }
        guard (upstreamCert == nil) == (upstreamKey == nil) else {
            throw ValidationError("--upstream-cert and --upstream-key come together")
        }
        let files = [("--upstream-ca", upstreamCa), ("--upstream-cert", upstreamCert)]
        if !targets.contains(where: \.usesTLS), let flag = files.first(where: { $0.1 != nil })?.0 {
            let names = targets.map(\.description).joined(separator: ", ")
            throw ValidationError("\(flag) is for an https:// upstream, not \(names)")
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
