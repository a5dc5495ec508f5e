internal import GRPCChannel
internal import RPCCore

/// Why a sign-in brought no token; shared by all requests that waited for it.
///
/// Nothing of what upstream said is in it, since that might repeat the key.
enum SignInFailure: Error, Hashable, Sendable {
    /// The key is wrong.
    case refused
    /// No connection, in the channel's words where the key was never sent; nanoseconds until that may have changed.
    case unavailable(String?, retryAfter: UInt64?)
    case timedOut
    /// RESOURCE_EXHAUSTED.
    case limited
    /// An answer without a token that can be sent.
    case malformed
    /// Any other code.
    case failed(StatusCode)
    /// Too many sign-ins, or requests that wait for one.
    case overload
    case stopping

    /// What `outcome` of Authenticate, which is not OK, comes to.
    init(_ outcome: CallOutcome) {
        switch outcome.origin {
        case .malformedAnswer, .limit: self = .malformed
        case .overload: self = .overload
        case .cancelled: self = .stopping
        case .deadline: self = .timedOut
        case .network:
            let isOwnWord = outcome.reach == .neverSent
            self = .unavailable(isOwnWord ? outcome.status.message : nil, retryAfter: outcome.retryAfter)
        case .unsendable: self = .failed(outcome.status.code)
        // Codes that stand for something that went wrong on the way say nothing of the key.
        case .reset, .httpAnswer: self = .unavailable(nil, retryAfter: nil)
        // A proxy's refusal says nothing of the key either.
        case .httpRefusal: self = .failed(outcome.status.code)
        case .upstream: self.init(answer: outcome.status.code)
        }
    }

    private init(answer code: StatusCode) {
        switch code {
        case .unauthenticated, .permissionDenied: self = .refused
        case .unavailable, .cancelled, .aborted: self = .unavailable(nil, retryAfter: nil)
        case .deadlineExceeded: self = .timedOut
        case .resourceExhausted: self = .limited
        default: self = .failed(code)
        }
    }
}
