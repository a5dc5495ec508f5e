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

    private let auth: ViamAuth
    private let shared: SharedSignIn
    private let channel: GRPCChannel
    private let loop: EventLoop
    private let method: PreparedMethod
    private let metrics: WorkerMetrics
    private let maximumWaiting: Int
    private let maximumWaitingBytes: Int
    private var tokens: BoundedCache<AccessToken>
    private var waiting: [Digest: WaitingList] = [:]
    /// Of those that have not been answered.
    private(set) var waitingCount = 0
    private var waitingBytes = 0
    private var waker: Waker?
    private var mailbox: SignInBoard.Mailbox?
    /// Where a client's key is while it is looked at.
    private var scratch = ByteBuffer()

    /// How long a sign-in may take, in nanoseconds.
    static let timeLimit: UInt64 = 10_000_000_000
    /// Shortest time between two tries to renew a token that still serves, in nanoseconds.
    private static let refreshInterval: UInt64 = 1_000_000_000

    /// The part of one worker; nil where there is nobody to sign in.
    init?(
        _ shared: SharedSignIn?,
        channel: GRPCChannel,
        configuration: GatewayConfiguration,
        metrics: WorkerMetrics,
        on loop: EventLoop
    ) throws(UVError) {
        guard let shared else { return nil }
        self.metrics = metrics
        auth = configuration.viamAuth
        self.shared = shared
        self.channel = channel
        self.loop = loop
        method = channel.prepare(AuthenticateMessage.method)
        maximumWaiting = configuration.channel.maxWaitingCalls
        maximumWaitingBytes = configuration.channel.maxWaitingBytes
        tokens = BoundedCache(capacity: configuration.tokenCacheSize)
        let waker = try Waker(on: loop) { [unowned self] in takeOutcomes() }
        self.waker = waker
        let mailbox = SignInBoard.Mailbox(waker: waker)
        self.mailbox = mailbox
        shared.board.enter(mailbox)
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

    /// The token for a call of `caller`, other than the one that was refused, with `size` bytes to keep if it has to wait.
    ///
    /// - Returns: nil where a sign-in is under way, which ``wait(_:for:)`` is for.
    /// - Throws: what the client gets if there will be none.
    func token(for caller: Caller, _ attempt: RequestAttempt?, size: Int) throws(RequestFailure) -> AccessToken? {
        if let token = attempt?.token { return token }
        guard let mailbox else { throw failure(.stopping) }
        let digest = SignIn.digest(of: caller)
        let now = loop.turnStart()
        if var token = tokens[digest] {
            if token.serial != attempt?.refused?.token.serial, now < token.expiresAt {
                guard now >= token.refreshAt else { return token }
                // Whatever comes of it, the next requests go on with the token they have.
                token.refreshAt = now.advanced(by: SignIn.refreshInterval)
                tokens.insert(token, for: digest)
                return refresh(token, of: caller, digest, mailbox)
            }
            tokens.remove(digest)
        }
        // Before asking: what is claimed must be carried out.
        guard waitingCount < maximumWaiting, waitingCount == 0 || waitingBytes + size <= maximumWaitingBytes else {
            throw failure(.overload)
        }
        let need: SignInBoard.Need =
            (attempt?.refused).map { .newer(than: $0.token.serial, sentAt: $0.sentAt) } ?? .token
        switch shared.board.ask(for: digest, need, now: now, mailbox) {
        case .token(let token):
            tokens.insert(token, for: digest)
            return token
        case .failed(let reason, let delay):
            throw failure(reason, retryAfter: delay)
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

    /// What a call of `caller` uses that is made now.
    func usage(of token: AccessToken, by caller: Caller, _ attempt: RequestAttempt?) -> Usage {
        Usage(
            caller: SignIn.digest(of: caller),
            token: token,
            sentAt: loop.turnStart(),
            isLastAttempt: attempt?.refused != nil
        )
    }

    /// Uses a token no more that upstream has refused.
    func drop(_ usage: Usage) {
        forget(usage.token.serial, of: usage.caller)
        shared.board.drop(usage.token, of: usage.caller, now: loop.now())
    }

    private func forget(_ serial: UInt64, of caller: Digest) {
        if tokens[caller]?.serial == serial { tokens.remove(caller) }
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
        ) { [shared, loop, metrics] caller, result in
            // Nothing of this object, which may be closed by now.
            switch result {
            case .success: metrics.countSignIn("ok")
            case .failure(let reason): metrics.countSignIn(reason.name)
            }
            shared.complete(caller, result, now: loop.now())
        }
        channel.start(call)
    }

    // MARK: - Requests that wait

    var hasWaitingRequests: Bool { waitingCount > 0 }

    /// Keeps `request` until the sign-in of `caller` has ended.
    func wait(_ request: WaitingRequest, for caller: Caller) {
        let digest = SignIn.digest(of: caller)
        waiting[digest, default: WaitingList()].append(request)
        waitingCount += 1
        waitingBytes += request.size
        request.onGone = { [unowned self, unowned request] in
            waitingCount -= 1
            waitingBytes -= request.size
            waiting[digest]?.countGone()
        }
    }

    private func takeWaiting(for caller: Digest) -> [WaitingRequest] {
        let requests = waiting.removeValue(forKey: caller)?.remaining ?? []
        waitingCount -= requests.count
        for request in requests {
            waitingBytes -= request.size
            request.onGone = nil
        }
        return requests
    }

    private func takeOutcomes() {
        guard let mailbox else { return }
        for (caller, outcome) in shared.board.take(from: mailbox) {
            switch outcome {
            case .token(let token):
                tokens.insert(token, for: caller)
                for request in takeWaiting(for: caller) { request.proceed(with: token) }
            case .failed(let reason):
                let failure = failure(reason)
                for request in takeWaiting(for: caller) { request.retry(after: reason, or: failure) }
            case .dropped(let serial):
                forget(serial, of: caller)
            }
        }
    }

    /// What `reason` is to a client, which may try again after so many nanoseconds.
    private func failure(_ reason: SignInFailure, retryAfter delay: UInt64 = 0) -> RequestFailure {
        var failure = RequestFailure(reason, isOwnKey: auth.usesOwnKey)
        // Rounded up.
        if delay > 0 { failure.retryAfter = (delay - 1) / 1_000_000_000 + 1 }
        return failure
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
        for caller in Array(waiting.keys) {
            for request in takeWaiting(for: caller) { request.fail(failure(.stopping)) }
        }
    }
}
