internal import GRPCChannel
internal import RPCCore
internal import Transcoding

/// Why a sign-in brought no token; shared by all requests that waited for it.
///
/// Nothing of what upstream said is in it, since that might repeat the key.
enum SignInFailure: Error, Hashable, Sendable {
    /// The key is wrong.
    case refused
    /// No connection, in the channel's words where the key was never sent; nanoseconds until that may have changed.
    case unavailable(String?, retryAfter: UInt64?)
    case timedOut
    /// RESOURCE_EXHAUSTED; nanoseconds until that may have changed, if the upstream said.
    case limited(retryAfter: UInt64?)
    /// An answer without a token that can be sent.
    case malformed
    /// Any other code.
    case failed(StatusCode)
    /// Too many sign-ins, or requests that wait for one.
    case overload
    case stopping
    /// The sign-in brought a token, and upstream lets calls with it in no more than with the one before.
    case tokenRefused

    private static let second: UInt64 = 1_000_000_000

    /// How long the next requests of the same caller are answered with it, in nanoseconds; 0 where it is no matter of
    /// the caller and the upstream.
    var memory: UInt64 {
        switch self {
        case .refused, .unavailable, .timedOut, .malformed, .failed, .tokenRefused: SignInFailure.second
        case .limited(let delay):
            // What upstream says counts within reason.
            min(max(delay ?? 5 * SignInFailure.second, SignInFailure.second), 60 * SignInFailure.second)
        case .overload, .stopping: 0
        }
    }

    /// Whether another sign-in may well succeed at once, since this one failed by something that concerned it alone.
    var isWorthAnotherTry: Bool {
        switch self {
        case .stopping, .timedOut, .unavailable(_, retryAfter: nil): true
        case .refused, .unavailable, .limited, .malformed, .failed, .overload, .tokenRefused: false
        }
    }

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
        case .upstream: self.init(answer: outcome.status)
        }
    }

    private init(answer status: Status) {
        switch status.code {
        // The last two are said of an id that there is no key for.
        case .unauthenticated, .permissionDenied, .invalidArgument, .notFound: self = .refused
        case .unavailable, .cancelled, .aborted: self = .unavailable(nil, retryAfter: nil)
        case .deadlineExceeded: self = .timedOut
        case .resourceExhausted:
            let delay = RetryDelay.seconds(in: StatusDetails(status.details))
            self = .limited(retryAfter: delay.map { $0 > 60 ? 60 * SignInFailure.second : $0 * SignInFailure.second })
        default: self = .failed(status.code)
        }
    }
}
