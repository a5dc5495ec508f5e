internal import KeyedHashing
internal import Logging
internal import RPCCore

/// What all workers share of signing in.
final class SharedSignIn: Sendable {
    let board: SignInBoard
    /// Makes the digests that callers are known by.
    let hash = KeyedHash()
    private let isOwnKey: Bool
    private let logger: Logger
    private let warnings: WarningLimit

    /// Nil where calls are made with the clients' own tokens.
    init?(_ configuration: GatewayConfiguration) {
        switch configuration.viamAuth {
        case .passthrough: return nil
        case .clientKey, .serviceKey: isOwnKey = configuration.viamAuth.usesOwnKey
        }
        board = SignInBoard(capacity: configuration.tokenCacheSize)
        let logger = configuration.logger
        self.logger = logger
        warnings = WarningLimit(interval: 60_000_000_000) { logger.warning("\($0)") }
    }

    /// Ends a sign-in; that the gateway's own key is refused is for its operator to know.
    func complete(_ caller: Digest, _ result: Result<AccessToken.Grant, SignInFailure>, now: Deadline) {
        let isServed = board.complete(caller, result, now: now)
        guard case .failure(let reason) = result else { return logger.debug("signed in") }
        logger.debug("a sign-in has failed", metadata: ["result": "\(reason.name)"])
        // Where a token has yet to expire, calls go on. A client's key is its own matter.
        guard isOwnKey, !isServed else { return }
        switch reason {
        case .refused:
            warnings.warn("the upstream refuses the gateway's API key; all calls are answered 503", now: now)
        case .stopping:
            break
        default:
            warnings.warn("the gateway cannot sign in (\(reason.name)); calls are answered with errors", now: now)
        }
    }
}
