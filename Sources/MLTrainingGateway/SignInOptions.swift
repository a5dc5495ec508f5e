import ArgumentParser
import EventLoop
import GRPCChannel
import Gateway
import Glibc

/// How calls are signed in to Viam, and who may make them.
struct SignInOptions: ParsableArguments {
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        case passthrough
        case clientKey = "client-key"
        case serviceKey = "service-key"
    }

    @Option(
        help: ArgumentHelp(
            """
            passthrough: a client's Authorization goes to the upstream as it is. client-key: clients send an API key, by \
            Authorization: Basic or X-Viam-Api-Key-Id and X-Viam-Api-Key, which the gateway signs in with. service-key: \
            the gateway signs in with its own, from VIAM_API_KEY_ID and VIAM_API_KEY or from files.
            """,
            valueName: "mode"
        )
    )
    var viamAuth = Mode.passthrough

    @Option(
        help: ArgumentHelp(
            "File with the id of the gateway's API key; wins over VIAM_API_KEY_ID.",
            valueName: "file"
        )
    )
    var viamApiKeyIdFile: String?

    @Option(help: ArgumentHelp("File with the gateway's API key; wins over VIAM_API_KEY.", valueName: "file"))
    var viamApiKeyFile: String?

    @Option(
        help: ArgumentHelp(
            """
            With service-key: file of tokens, one a line, of which a client must send one as Authorization: Bearer.
            """,
            valueName: "file"
        )
    )
    var clientTokens: String?

    @Flag(
        help: """
            With service-key: whoever reaches the gateway may act with its key, also where --listen is not a loopback \
            address.
            """
    )
    var allowAnonymous = false

    func validate(listen: SocketAddress) throws {
        guard viamAuth == .serviceKey else {
            let flags = [
                ("--viam-api-key-id-file", viamApiKeyIdFile != nil), ("--viam-api-key-file", viamApiKeyFile != nil),
                ("--client-tokens", clientTokens != nil), ("--allow-anonymous", allowAnonymous),
            ]
            if let flag = flags.first(where: { $0.1 })?.0 {
                throw ValidationError("\(flag) is for --viam-auth service-key, not \(viamAuth.rawValue)")
            }
            return
        }
        guard clientTokens == nil || !allowAnonymous else {
            throw ValidationError("--client-tokens and --allow-anonymous contradict each other")
        }
        guard listen.isLoopback || clientTokens != nil || allowAnonymous else {
            throw ValidationError(
                """
                with --viam-auth service-key whoever reaches \(listen) acts with the gateway's API key; give \
                --client-tokens FILE, so that only clients with a token do, or --allow-anonymous if that is meant
                """
            )
        }
    }

    /// Reads what the mode needs, from files and from the environment.
    func load() throws(GatewayError) -> ViamAuth {
        // Both leave the environment, whichever is used, and whether they are.
        var id = SecretInput.takeVariable("VIAM_API_KEY_ID")
        var secret = SecretInput.takeVariable("VIAM_API_KEY")
        switch viamAuth {
        case .passthrough, .clientKey:
            SecretInput.wipe(&id)
            SecretInput.wipe(&secret)
            return viamAuth == .clientKey ? .clientKey : .passthrough
        case .serviceKey:
            if viamApiKeyIdFile != nil { SecretInput.wipe(&id) }
            if viamApiKeyFile != nil { SecretInput.wipe(&secret) }
            let key = try APIKey(
                id: choose(viamApiKeyIdFile, "--viam-api-key-id-file", id, "VIAM_API_KEY_ID"),
                secret: choose(viamApiKeyFile, "--viam-api-key-file", secret, "VIAM_API_KEY")
            )
            guard let clientTokens else { return .serviceKey(key, callers: nil) }
            var text: [UInt8]? = try InputFile.read(
                clientTokens,
                limit: SecretInput.maximumTokenFileSize,
                isSecret: true
            )
            // What is kept are digests.
            defer { SecretInput.wipe(&text) }
            return .serviceKey(key, callers: try ClientTokens(parsing: text ?? [], file: clientTokens))
        }
    }

    private func choose(
        _ file: String?,
        _ flag: String,
        _ variable: [UInt8]?,
        _ name: String
    ) throws(GatewayError) -> [UInt8] {
        if let file { return try SecretInput.read(file) }
        guard let variable, !variable.isEmpty else {
            throw GatewayError("--viam-auth service-key needs \(name) in the environment, or \(flag) FILE")
        }
        return variable
    }

    /// What web pages of others might make use of.
    func ambientCredential(listen: SocketAddress) -> AmbientCredential {
        switch viamAuth {
        case .passthrough: return .none
        case .clientKey: return .basic
        case .serviceKey:
            // No page reaches a unix socket.
            if clientTokens != nil || allowAnonymous { return .none }
            return listen.hostBytes == nil ? .none : .loopback
        }
    }

    /// A line for the operator where keys would leave this machine unprotected, nil otherwise.
    func warning(for targets: [ChannelTarget]) -> String? {
        guard viamAuth != .passthrough, let target = targets.first(where: \.isExposed) else { return nil }
        return "API keys and tokens go to \(target.description) without TLS, readable on their way; use https://"
    }
}
