import ArgumentParser
import EventLoop
import GRPCChannel
import Gateway
import Glibc
import Settings

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
        ),
        completion: .file()
    )
    var viamApiKeyIdFile: String?

    @Option(
        help: ArgumentHelp("File with the gateway's API key; wins over VIAM_API_KEY.", valueName: "file"),
        completion: .file()
    )
    var viamApiKeyFile: String?

    @Option(
        help: ArgumentHelp(
            """
            With service-key: file of tokens, one a line, of which a client must send one as Authorization: Bearer.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var clientTokens: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            With service-key: whoever reaches the gateway may act with its key, also where --listen is not a loopback \
            address.
            """
    )
    var allowAnonymous = false

    /// Reports what is wrong with the options; `listen` is nil where it cannot be told.
    func check(listen: SocketAddress?, _ effective: inout EffectiveSettings) {
        guard viamAuth == .serviceKey else {
            let flags = [
                ("viam-api-key-id-file", viamApiKeyIdFile != nil), ("viam-api-key-file", viamApiKeyFile != nil),
                ("client-tokens", clientTokens != nil), ("allow-anonymous", allowAnonymous),
            ]
            for (name, isGiven) in flags where isGiven {
                effective.report(
                    "--\(name) is for --viam-auth service-key, not \(viamAuth.rawValue)",
                    name,
                    "viam-auth"
                )
            }
            return
        }
        if clientTokens != nil, allowAnonymous {
            let message = "--client-tokens and --allow-anonymous contradict each other"
            effective.report(message, "client-tokens", "allow-anonymous")
        }
        if let listen, !listen.isLoopback, clientTokens == nil, !allowAnonymous {
            effective.report(
                """
                with --viam-auth service-key whoever reaches \(listen) acts with the gateway's API key; give \
                --client-tokens FILE, so that only clients with a token do, or --allow-anonymous if that is meant
                """,
                "viam-auth",
                "listen"
            )
        }
    }

    /// Reads what the mode needs, from files and from the environment; nil if anything is wrong.
    func load(_ effective: inout EffectiveSettings, _ secrets: EnvironmentSecrets) -> ViamAuth? {
        guard viamAuth == .serviceKey else { return viamAuth == .clientKey ? .clientKey : .passthrough }
        let id = effective.load("viam-api-key-id-file") {
            try choose(viamApiKeyIdFile, "--viam-api-key-id-file", secrets.apiKeyID, "VIAM_API_KEY_ID")
        }
        let secret = effective.load("viam-api-key-file") {
            try choose(viamApiKeyFile, "--viam-api-key-file", secrets.apiKey, "VIAM_API_KEY")
        }
        var callers: ClientTokens?
        if let clientTokens {
            callers = effective.load("client-tokens") { try loadTokens(clientTokens) }
            // Without its tokens the gateway would let everyone in.
            guard callers != nil else { return nil }
        }
        guard let id, let secret else { return nil }
        let key = effective.load("viam-api-key-id-file", "viam-api-key-file") { try APIKey(id: id, secret: secret) }
        return key.map { .serviceKey($0, callers: callers) }
    }

    private func loadTokens(_ file: String) throws(GatewayError) -> ClientTokens {
        var text: [UInt8]? = try InputFile.read(file, limit: SecretInput.maximumTokenFileSize, isSecret: true)
        // What is kept are digests.
        defer { SecretInput.wipe(&text) }
        return try ClientTokens(parsing: text ?? [], file: file)
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
