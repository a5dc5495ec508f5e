/// How calls are signed in to Viam.
package enum ViamAuth: Sendable {
    /// A client's `Authorization` goes along as it is.
    case passthrough
    /// Clients send API keys of their own, which the gateway signs in with; a `Bearer` token goes along as it is.
    case clientKey
    /// The gateway signs in with its own key, for every client or only for those with one of `callers`' tokens.
    case serviceKey(APIKey, callers: ClientTokens?)

    /// Whether the key that calls are made with is the gateway's.
    var usesOwnKey: Bool {
        if case .serviceKey = self { true } else { false }
    }

    /// The `WWW-Authenticate` of a 401 that has none of its own (RFC 9110, section 11.6.1).
    var challenge: StaticString {
        switch self {
        case .clientKey: ViamAuth.basicChallenge
        case .passthrough: ViamAuth.bearerChallenge
        case .serviceKey: #"Bearer realm="mltraining-gateway""#
        }
    }

    /// The `WWW-Authenticate` of a 401 by which upstream refuses a client's own token.
    var refusalChallenge: StaticString {
        switch self {
        case .clientKey: #"Basic realm="Viam API key", charset="UTF-8", Bearer realm="Viam""#
        case .passthrough, .serviceKey: challenge
        }
    }

    /// RFC 6750, section 3, which wants a parameter at least.
    private static let bearerChallenge: StaticString = #"Bearer realm="Viam""#

    /// RFC 7617, sections 2 and 2.1.
    static let basicChallenge: StaticString = #"Basic realm="Viam API key", charset="UTF-8""#
    /// RFC 6750, section 3.1.
    static let invalidTokenChallenge: StaticString = #"Bearer realm="mltraining-gateway", error="invalid_token""#
}
