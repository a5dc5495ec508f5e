internal import Bytes
internal import EventLoop
internal import GRPCChannel
internal import KeyedHashing
internal import RPCCore

/// One worker's part in signing callers in: its tokens, and its requests that wait for one.
///
/// A request whose caller has a token here costs a hash and a look into a dictionary. Only where there is none, or none
/// that serves, the other workers are asked by way of ``SignInBoard``.
final class SignIn {
    /// Whom the gateway signs in for a call.
    enum Caller {
        /// Whose API key has this digest; the key itself is lent until ``SignIn/forgetKey()``.
        case key(Digest, id: UnsafeRawBufferPointer, secret: UnsafeRawBufferPointer)
        /// The gateway, by its own key.
        case gateway
    }

    /// What the call of a request used, in case that is refused.
    struct Usage {
        let serial: UInt64
        /// Another token was refused before.
        let isLastAttempt: Bool
    }

    private let auth: ViamAuth
    private let shared: SharedSignIn
    private let channel: GRPCChannel
    private let loop: EventLoop
    private let method: PreparedMethod
    private let maximumWaiting: Int
    private var tokens: BoundedCache<AccessToken>
    /// In the order of their coming; those that have been answered meanwhile stay until the sign-in ends.
    private var waiting: [Digest: [WaitingRequest]] = [:]
    private var waitingCount = 0
    private var waker: Waker?
    private var mailbox: SignInBoard.Mailbox?
    /// Where a client's key is while it is looked at.
    private var scratch = ByteBuffer()

    /// How long a sign-in may take, in nanoseconds.
    static let timeLimit: UInt64 = 10_000_000_000
    /// Shortest time between two tries to renew a token that still serves, in nanoseconds.
    private static let refreshInterval: UInt64 = 1_000_000_000

    /// The part of one worker; nil where there is nobody to sign in.
    init?(_ shared: SharedSignIn?, channel: GRPCChannel, configuration: GatewayConfiguration, on loop: EventLoop)
        throws(UVError)
    {
        guard let shared else { return nil }
        auth = configuration.viamAuth
        self.shared = shared
        self.channel = channel
        self.loop = loop
        method = channel.prepare(AuthenticateMessage.method)
        maximumWaiting = configuration.channel.maxWaitingCalls
        tokens = BoundedCache(capacity: configuration.tokenCacheSize)
        let waker = try Waker(on: loop) { [unowned self] in takeOutcomes() }
        self.waker = waker
        mailbox = SignInBoard.Mailbox(waker: waker)
    }

    // MARK: - Who calls

    /// Finds out whom a call is for, and whether it may be made.
    ///
    /// - Returns: nil if the client has a token, which goes along as it is.
    /// - Throws: 401 where the client has not shown who it is, 400 where it says two things.
    func identify(_ fields: CredentialFields) throws(RequestFailure) -> Caller? {
        switch auth {
        case .passthrough:
            return nil
        case .clientKey:
            forgetKey()
            switch try ClientCredential(fields, scratch: &scratch) {
            case .bearer: return nil
            case .key(let id, let secret):
                guard let digest = shared.hash.digest(id, secret) else { throw .hashingFailed }
                return .key(digest, id: id, secret: secret)
            }
        case .serviceKey(_, let clients):
            guard let clients else { return .gateway }
            guard let token = fields.authorization(of: "bearer") else { throw .clientTokenMissing }
            guard clients.contains(token) else { throw .clientTokenInvalid }
            return .gateway
        }
    }

    /// Leaves nothing of a client's key behind; to be called once the request is started.
    func forgetKey() {
        scratch.wipe()
    }

    // MARK: - Tokens

    /// The token for a call of `caller`, other than the one that was refused.
    ///
    /// - Returns: nil where a sign-in is under way, which ``wait(_:for:)`` is for.
    /// - Throws: what the client gets if there will be none.
    func token(for caller: Caller, _ attempt: RequestAttempt?) throws(RequestFailure) -> AccessToken? {
        if let token = attempt?.token { return token }
        guard let mailbox else { throw failure(.stopping) }
        let digest = SignIn.digest(of: caller)
        let now = loop.turnStart()
        if var token = tokens[digest] {
            if token.serial != attempt?.refused, now < token.expiresAt {
                guard now >= token.refreshAt else { return token }
                // Whatever comes of it, the next requests go on with the token they have.
                token.refreshAt = now.advanced(by: SignIn.refreshInterval)
                tokens.insert(token, for: digest)
                return refresh(token, of: caller, digest, mailbox)
            }
            tokens.remove(digest)
        }
        // Before asking: what is claimed must be carried out.
        guard waitingCount < maximumWaiting else { throw failure(.overload) }
        switch shared.board.ask(for: digest, (attempt?.refused).map { .newer(than: $0) } ?? .token, now: now, mailbox) {
        case .token(let token):
            tokens.insert(token, for: digest)
            return token
        case .failed(let reason):
            throw failure(reason)
        case .joined:
            return nil
        case .claimed:
            start(caller, digest)
            return nil
        }
    }

    private func refresh(
        _ token: AccessToken,
        of caller: Caller,
        _ digest: Digest,
        _ mailbox: SignInBoard.Mailbox
    ) -> AccessToken {
        switch shared.board.ask(for: digest, .refresh(of: token.serial), now: loop.turnStart(), mailbox) {
        case .token(let newer):
            tokens.insert(newer, for: digest)
            return newer
        case .claimed: start(caller, digest)
        case .joined, .failed: break
        }
        return token
    }

    private static func digest(of caller: Caller) -> Digest {
        if case .key(let digest, _, _) = caller { return digest }
        // The gateway is the only caller there is.
        return .zero
    }

    /// Signs `caller` in, as the board has let this worker do.
    private func start(_ caller: Caller, _ digest: Digest) {
        var message = ByteBuffer()
        switch caller {
        case .key(_, let id, let secret): AuthenticateMessage.appendRequest(id: id, secret: secret, to: &message)
        case .gateway:
            guard case .serviceKey(let key, _) = auth else { break }
            key.id.withUnsafeBytes { id in
                key.secret.withUnsafeBytes { AuthenticateMessage.appendRequest(id: id, secret: $0, to: &message) }
            }
        }
        let call = SignInCall(
            of: digest,
            method: method,
            message: message,
            deadline: loop.turnStart().advanced(by: SignIn.timeLimit)
        ) { [shared, loop] caller, result in
            // Nothing of this object, which may be closed by now.
            shared.complete(caller, result, now: loop.now())
        }
        channel.start(call)
    }

    // MARK: - Requests that wait

    /// Keeps `request` until the sign-in of `caller` has ended.
    func wait(_ request: WaitingRequest, for caller: Caller) {
        waiting[SignIn.digest(of: caller), default: []].append(request)
        waitingCount += 1
    }

    private func takeOutcomes() {
        guard let mailbox else { return }
        for (caller, outcome) in shared.board.take(from: mailbox) {
            let requests = waiting.removeValue(forKey: caller) ?? []
            waitingCount -= requests.count
            switch outcome {
            case .token(let token):
                if loop.now() < token.expiresAt { tokens.insert(token, for: caller) }
                for request in requests { request.proceed(with: token) }
            case .failed(let reason):
                for request in requests { request.fail(failure(reason)) }
            }
        }
    }

    private func failure(_ reason: SignInFailure) -> RequestFailure {
        var isOwnKey = false
        if case .serviceKey = auth { isOwnKey = true }
        return RequestFailure(reason, isOwnKey: isOwnKey)
    }

    /// Answers the requests that wait with 503; there are no tokens from then on.
    ///
    /// To be called after the channel was closed, whose closing has ended the sign-ins of this worker; idempotent.
    func close() {
        guard let mailbox else { return }
        self.mailbox = nil
        shared.board.leave(mailbox)
        waker?.close()
        waker = nil
        let requests = waiting.values.joined()
        waiting = [:]
        waitingCount = 0
        for request in requests { request.fail(failure(.stopping)) }
    }
}
