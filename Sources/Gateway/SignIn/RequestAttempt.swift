internal import RPCCore

/// How far a request has come that is started once more: after a sign-in, or since its token was refused.
///
/// A first attempt has none of these, and does without.
final class RequestAttempt {
    /// Decided by the first attempt, as is the deadline.
    let requestID: String
    let deadline: Deadline
    /// The token that upstream has refused: this is the second call, and the last.
    let refused: UInt64?
    /// The token to use, once a sign-in has brought one.
    var token: AccessToken?

    init(requestID: String, deadline: Deadline, refused: UInt64?) {
        self.requestID = requestID
        self.deadline = deadline
        self.refused = refused
    }
}
