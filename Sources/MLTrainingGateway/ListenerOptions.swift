import ArgumentParser
import EventLoop
import Gateway
import HTTPServer
import Settings

/// What the main listener's socket and connections are like.
struct ListenerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Mode of the socket's file, in octal, where --listen is unix:PATH. (default: as the umask has it)",
            valueName: "mode"
        )
    )
    var listenMode: String?

    @Option(
        help: ArgumentHelp(
            "Owner of the socket's file, names or numbers, where --listen is unix:PATH.",
            valueName: "user[:group]|:group"
        )
    )
    var listenOwner: String?

    @Option(
        help: ArgumentHelp(
            """
            PEM file of the gateway's certificate, with those in between: --listen then speaks HTTPS, and only that; needs \
            --tls-key.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var tlsCert: String?

    @Option(
        help: ArgumentHelp("PEM file of the key of --tls-cert, not encrypted.", valueName: "file"),
        completion: .file()
    )
    var tlsKey: String?

    /// Mode and owner of the file of `listen`, which is nil where it cannot be told.
    func access(for listen: ListenTarget?, _ effective: inout EffectiveSettings) -> SocketFileAccess {
        var access = SocketFileAccess()
        if let listenMode {
            access.mode = effective.parse("listen-mode") { try SocketFileAccess.parseMode(listenMode) }
        }
        if let listenOwner {
            if let owner = effective.parse("listen-owner", { try SocketFileAccess(owner: listenOwner) }) {
                (access.user, access.group) = (owner.user, owner.group)
            }
        }
        guard let listen, !listen.isSocketFile else { return access }
        for (name, value) in [("listen-mode", listenMode), ("listen-owner", listenOwner)] where value != nil {
            effective.report("--\(name) is for --listen unix:PATH, not \(listen)", name, "listen")
        }
        return access
    }

    /// Reads the files; nil without them, or where anything is wrong.
    func credentials(_ effective: inout EffectiveSettings) -> ServerCredentials? {
        guard let tlsCert, let tlsKey else {
            if tlsCert != nil || tlsKey != nil {
                effective.report("--tls-cert and --tls-key come together", "tls-cert", "tls-key")
            }
            return nil
        }
        return effective.load("tls-cert", "tls-key") { () throws(GatewayError) in
            do {
                return try ServerCredentials(certificate: tlsCert, key: tlsKey)
            } catch {
                throw GatewayError("no HTTPS: \(error)")
            }
        }
    }
}
