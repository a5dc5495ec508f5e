internal import HTTPServer
internal import RPCCore

/// What goes wrong before a call has its token.
///
/// The words are all the gateway's own: what a client or upstream sent may hold a secret.
extension RequestFailure {
    private static func unauthorized(
        _ message: String,
        _ reason: StaticString,
        challenge: StaticString? = nil
    ) -> RequestFailure {
        RequestFailure(
            status: .unauthorized,
            code: .unauthenticated,
            message: message,
            details: .reason(reason),
            challenge: challenge
        )
    }

    static var apiKeyMissing: RequestFailure {
        .unauthorized(
            "send an API key: Authorization: Basic base64(key-id:key), or X-Viam-Api-Key-Id and X-Viam-Api-Key",
            "API_KEY_MISSING"
        )
    }

    static var authorizationSchemeUnknown: RequestFailure {
        .unauthorized("Authorization is neither Basic, with an API key, nor Bearer", "API_KEY_MALFORMED")
    }

    static func apiKeyMalformed(_ message: String) -> RequestFailure {
        .unauthorized(message, "API_KEY_MALFORMED")
    }

    static var credentialsContradict: RequestFailure {
        RequestFailure(
            status: .badRequest,
            code: .invalidArgument,
            message: "Authorization and X-Viam-Api-Key say two different things; send one of them",
            details: .reason("CREDENTIALS_CONTRADICT")
        )
    }

    static var clientTokenMissing: RequestFailure {
        .unauthorized("send Authorization: Bearer with a token of this gateway", "CLIENT_TOKEN_MISSING")
    }

    static var clientTokenInvalid: RequestFailure {
        .unauthorized(
            "the token is not one of this gateway's",
            "CLIENT_TOKEN_INVALID",
            challenge: ViamAuth.invalidTokenChallenge
        )
    }

    static var signInDeadline: RequestFailure {
        RequestFailure(
            status: .gatewayTimeout,
            code: .deadlineExceeded,
            message: "the deadline passed while signing in to the upstream",
            details: .errorInfo(ErrorInfo("DEADLINE_SIGN_IN", [("phase", "sign-in")])),
            culprit: .upstream
        )
    }

    static var cancelledWhileWaiting: RequestFailure {
        RequestFailure(
            status: .clientClosedRequest,
            code: .cancelled,
            message: "the client went away while the gateway was signing in"
        )
    }

    static var hashingFailed: RequestFailure {
        RequestFailure(
            status: .internalServerError,
            code: .internalError,
            message: "GnuTLS cannot make an HMAC",
            details: .reason("SIGN_IN_FAILED")
        )
    }

    private static func unavailable(_ message: String, _ reason: StaticString = "SIGN_IN_FAILED") -> RequestFailure {
        RequestFailure(
            status: .serviceUnavailable,
            code: .unavailable,
            message: message,
            details: .reason(reason)
        )
    }

    /// The failure of a call whose sign-in failed; `isOwnKey`: the key is the gateway's, not the client's.
    init(_ failure: SignInFailure, isOwnKey: Bool) {
        self.init(of: failure, isOwnKey: isOwnKey)
        culprit = failure.culprit(status)
    }

    private init(of failure: SignInFailure, isOwnKey: Bool) {
        switch failure {
        case .refused:
            self =
                isOwnKey
                ? .unavailable("the upstream refuses the gateway's API key", "SERVICE_KEY_REFUSED")
                : .unauthorized("the API key was refused", "API_KEY_REFUSED")
        case .unavailable(let why, let delay):
            self = .unavailable("signing in failed: \(why ?? "the upstream is not available")")
            // Rounded up, since an attempt that is under way needs its time too.
            retryAfter = delay.map { $0 / 1_000_000_000 + 1 }
        case .timedOut:
            // Not the client's deadline, which has another code.
            self = .unavailable("signing in failed: the upstream did not answer in time")
        case .limited:
            self = .unavailable("signing in failed: the upstream allows no more sign-ins for now")
            if !isOwnKey { (status, code) = (.tooManyRequests, .resourceExhausted) }
        case .malformed:
            self = .unreadableAnswer("signing in failed: the upstream's answer has no usable access token")
        case .failed(let code):
            self.init(
                status: .internalServerError,
                code: .internalError,
                message: "signing in failed: the upstream answered \(code)",
                details: .reason("SIGN_IN_FAILED")
            )
        case .overload:
            self = .unavailable("too many requests wait for the gateway to sign in already")
            retryAfter = 1
        case .stopping:
            self = .unavailable("the gateway is stopping")
        case .tokenRefused:
            self =
                isOwnKey
                ? .unavailable("the upstream refuses the token that it gave the gateway", "SERVICE_TOKEN_REFUSED")
                : .unauthorized("the upstream refuses the token that it gave for the API key", "TOKEN_REFUSED")
        }
    }
}

extension SignInFailure {
    /// Whose fault it is, where the failure is answered with `status`; nil where that tells.
    fileprivate func culprit(_ status: HTTPStatus) -> RequestRecord.Culprit? {
        switch self {
        case .unavailable: .network
        case .timedOut, .malformed, .failed: .upstream
        case .limited: status == .tooManyRequests ? .client : .upstream
        case .refused, .overload, .stopping, .tokenRefused: nil
        }
    }

    /// Its name in metrics and logs.
    var name: String {
        switch self {
        case .refused: "refused"
        case .unavailable: "unavailable"
        case .timedOut: "timed_out"
        case .limited: "limited"
        case .malformed: "malformed"
        case .failed: "failed"
        case .overload: "overload"
        case .stopping: "stopping"
        case .tokenRefused: "token_refused"
        }
    }
}
