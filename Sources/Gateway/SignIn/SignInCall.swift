internal import Bytes
internal import GRPCChannel
internal import KeyedHashing
internal import RPCCore

/// One call of Authenticate, which belongs to no request and is given up by none.
final class SignInCall: ClientCall {
    private let caller: Digest
    private let onEnd: (Digest, Result<AccessToken.Grant, SignInFailure>) -> Void
    private var grant: AccessToken.Grant?

    /// - Parameters:
    ///   - caller: whom it signs in.
    ///   - method: ``AuthenticateMessage/method``.
    ///   - message: ``AuthenticateMessage/appendRequest(id:secret:to:)``, the only place where a client's key is kept, until
    ///     the call ends.
    ///   - deadline: when it is given up.
    ///   - onEnd: gets the outcome, once.
    init(
        of caller: Digest,
        method: PreparedMethod,
        message: consuming ByteBuffer,
        deadline: Deadline,
        onEnd: @escaping (Digest, Result<AccessToken.Grant, SignInFailure>) -> Void
    ) {
        self.caller = caller
        self.onEnd = onEnd
        var metadata = Metadata()
        metadata.append(ViamClient.fieldName, ViamClient.fieldValue)
        super.init(method: method, message: message, metadata: metadata, deadline: deadline)
        wipesMessage = true
    }

    override func didReceive(message: UnsafeRawBufferPointer) {
        grant = AuthenticateMessage.token(in: message).flatMap {
            AccessToken.Grant(token: $0, time: AccessToken.wallClock())
        }
    }

    override func didClose() {
        guard let outcome else { return }
        guard outcome.status.isOK else { return onEnd(caller, .failure(SignInFailure(outcome))) }
        onEnd(caller, grant.map { .success($0) } ?? .failure(.malformed))
    }
}
