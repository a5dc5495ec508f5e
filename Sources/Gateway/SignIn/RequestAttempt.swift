internal import RPCCore

/// How far a request has come that is started once more: after a sign-in, or since its token was refused.
///
/// A first attempt has none of these, and does without.
final class RequestAttempt {
    /// Decided by the first attempt, as is the deadline.
    let requestID: String
    let deadline: Deadline
    /// What upstream has refused: this is the second call, and the last.
    let refused: SignIn.Usage?
    /// The token to use, once a sign-in has brought one.
    var token: AccessToken?
    /// A sign-in that it waited for has failed, and it asks once more.
    var isRetry = false

    init(requestID: String, deadline: Deadline, refused: SignIn.Usage?) {
        self.requestID = requestID
        self.deadline = deadline
        self.refused = refused
    }
}
