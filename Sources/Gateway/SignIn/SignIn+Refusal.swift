internal import GRPCChannel
internal import Glibc
internal import KeyedHashing
internal import RPCCore

extension SignIn {
    /// What the call of a request used, in case that is refused.
    struct Usage {
        let caller: Digest
        let token: AccessToken
        let sentAt: Deadline
        /// Another token was refused before.
        let isLastAttempt: Bool

        /// Whether upstream did not let a call in with the token.
        static func isRefusal(_ outcome: CallOutcome) -> Bool {
            outcome.status.code == .unauthenticated
                && (outcome.origin == .upstream || outcome.origin == .httpRefusal)
        }

        /// What is left of a failure once nothing in it can tell the client the gateway's token.
        func redacted(_ failure: RequestFailure) -> RequestFailure {
            var failure = failure
            if token.occurs(in: failure.message) { failure.message = "what the upstream said is withheld" }
            if case .upstream(let details) = failure.details, details.withUnsafeBytes(token.occurs) {
                failure.details = .none
            }
            return failure
        }
    }
}

extension AccessToken {
    /// Whether somebody could read the token in `text`.
    func occurs(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { occurs(in: UnsafeRawBufferPointer($0)) }
    }

    /// Whether somebody could read the token in `bytes`.
    func occurs(in bytes: UnsafeRawBufferPointer) -> Bool {
        let token = authorization.utf8.dropFirst(Grant.scheme.utf8CodeUnitCount)
        return token.withContiguousStorageIfAvailable { token in
            guard let start = bytes.baseAddress, let first = token.baseAddress else { return false }
            guard bytes.count >= token.count else { return false }
            return (0...(bytes.count - token.count)).contains { memcmp(start + $0, first, token.count) == 0 }
        } ?? true
    }
}
