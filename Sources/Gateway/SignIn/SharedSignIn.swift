internal import KeyedHashing
internal import RPCCore

/// What all workers share of signing in.
final class SharedSignIn: Sendable {
    let board: SignInBoard
    /// Makes the digests that callers are known by.
    let hash = KeyedHash()
    private let isOwnKey: Bool
    private let warnings: WarningLimit

    /// Nil where calls are made with the clients' own tokens.
    init?(_ configuration: GatewayConfiguration) {
        switch configuration.viamAuth {
        case .passthrough: return nil
        case .clientKey, .serviceKey: isOwnKey = configuration.viamAuth.usesOwnKey
        }
        board = SignInBoard(capacity: configuration.tokenCacheSize)
        warnings = WarningLimit(interval: 60_000_000_000, configuration.warn)
    }

    /// Ends a sign-in; that the gateway's own key is refused is for its operator to know.
    func complete(_ caller: Digest, _ result: Result<AccessToken.Grant, SignInFailure>, now: Deadline) {
        let isServed = board.complete(caller, result, now: now)
        // Where a token has yet to expire, calls go on.
        if isOwnKey, !isServed, case .failure(.refused) = result {
            warnings.warn("the upstream refuses the gateway's API key; all calls are answered 503", now: now)
        }
    }
}
