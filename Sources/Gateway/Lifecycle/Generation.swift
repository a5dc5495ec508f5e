/// All that comes of one reading of the configuration: what is served, how, and by whose credentials.
///
/// Immutable and shared by all workers. A reload makes a new one, and requests in flight keep the one they began with.
struct Generation: Sendable {
    /// 0 for what the gateway was started with.
    let number: Int
    let api: ServedAPI
    let configuration: GatewayConfiguration
    /// Nil where calls are made with the clients' own tokens.
    let signIn: SharedSignIn?

    /// What the gateway is started with.
    init(api: ServedAPI, configuration: GatewayConfiguration) {
        number = 0
        self.api = api
        self.configuration = configuration
        signIn = SharedSignIn(configuration)
    }

    /// What a reload has brought.
    ///
    /// Tokens that callers were given go on serving where the same key is signed in with at the same upstreams.
    init(after previous: Generation, api: ServedAPI, configuration: GatewayConfiguration) {
        number = previous.number + 1
        self.api = api
        self.configuration = configuration
        signIn =
            configuration.signsIn(like: previous.configuration) ? previous.signIn : SharedSignIn(configuration)
    }
}

extension GatewayConfiguration {
    /// Whether tokens that were obtained under `other` are as good under this one.
    fileprivate func signsIn(like other: GatewayConfiguration) -> Bool {
        guard upstreams == other.upstreams, upstreamAuthority == other.upstreamAuthority,
            tokenCacheSize == other.tokenCacheSize
        else { return false }
        switch (viamAuth, other.viamAuth) {
        case (.passthrough, .passthrough), (.clientKey, .clientKey): return true
        case (.serviceKey(let key, _), .serviceKey(let earlier, _)): return key == earlier
        default: return false
        }
    }
}
