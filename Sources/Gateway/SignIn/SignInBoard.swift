internal import EventLoop
internal import KeyedHashing
internal import RPCCore

/// Where workers learn of each other's sign-ins: who is at it, and what came of it.
///
/// Asked only where a worker has no good token of its own; then one worker at a time signs a caller in, and all that
/// asked meanwhile are told. That is safe from lost wake-ups since asking and answering happen under one lock: whoever
/// joins a sign-in does so before its outcome is posted, and the outcome is in each worker's ``Mailbox`` before that is
/// woken. A worker that has claimed a sign-in always ends it by ``complete(_:_:now:)``, since its call always ends.
final class SignInBoard: Sendable {
    /// What a worker wants.
    enum Need: Hashable {
        case token
        /// A token newer than the one that upstream has refused.
        case newer(than: UInt64)
        /// A token newer than one that still serves.
        case refresh(of: UInt64)
    }

    enum Answer {
        case token(AccessToken)
        /// Somebody else is at it; the outcome comes to the mailbox.
        case joined
        /// The worker is to sign the caller in; the outcome comes to its mailbox too.
        case claimed
        /// The key was refused a moment ago, or there are too many sign-ins.
        case failed(SignInFailure)
    }

    /// What came of a sign-in.
    enum Outcome {
        case token(AccessToken)
        case failed(SignInFailure)
    }

    /// One worker's share: outcomes that it has not taken yet.
    ///
    /// `@unchecked Sendable`: what changes is touched behind the board's lock alone.
    final class Mailbox: @unchecked Sendable {
        fileprivate let waker: Waker
        fileprivate var outcomes: [(caller: Digest, outcome: Outcome)] = []
        fileprivate var isClosed = false

        /// `waker` is woken when there is something to take, and must not be closed before ``SignInBoard/leave(_:)``.
        init(waker: Waker) {
            self.waker = waker
        }
    }

    /// How long a refused key is refused without asking upstream, in nanoseconds.
    static let refusalMemory: UInt64 = 1_000_000_000
    /// Sign-ins at a time, of different callers; more would let made-up keys crowd the upstream.
    static let maximumFlights = 256

    private struct State: Sendable {
        var tokens: BoundedCache<AccessToken>
        /// Until when a key counts as refused; apart from the tokens, so that made-up keys cannot drive those out.
        var refusals: BoundedCache<Deadline>
        /// Who waits for each sign-in that is under way.
        var flights: [Digest: [Mailbox]] = [:]
        var lastSerial: UInt64 = 0
    }

    private let state: Locked<State>

    /// A board that keeps at most `capacity` tokens, and as many refusals.
    init(capacity: Int) {
        state = Locked(State(tokens: BoundedCache(capacity: capacity), refusals: BoundedCache(capacity: capacity)))
    }

    /// Finds a token of `caller`, or sees to it that `mailbox` is told of one.
    func ask(for caller: Digest, _ need: Need, now: Deadline, _ mailbox: Mailbox) -> Answer {
        state.withLock { state in
            if let token = state.tokens[caller] {
                if now < token.expiresAt, isGood(token, need) { return .token(token) }
                if case .newer = need { state.tokens.remove(caller) }
            }
            if let members = state.flights[caller] {
                if !members.contains(where: { $0 === mailbox }) { state.flights[caller]?.append(mailbox) }
                return .joined
            }
            if let end = state.refusals[caller], now < end { return .failed(.refused) }
            guard state.flights.count < SignInBoard.maximumFlights else { return .failed(.overload) }
            state.flights[caller] = [mailbox]
            return .claimed
        }
    }

    private func isGood(_ token: AccessToken, _ need: Need) -> Bool {
        switch need {
        case .token: true
        case .newer(let serial), .refresh(let serial): token.serial > serial
        }
    }

    /// Ends the sign-in that the caller of this has claimed, and tells all that wait for it.
    func complete(_ caller: Digest, _ result: Result<AccessToken.Grant, SignInFailure>, now: Deadline) {
        state.withLock { state in
            let outcome: Outcome
            switch result {
            case .success(let grant):
                state.lastSerial += 1
                let token = AccessToken(grant, serial: state.lastSerial, now: now)
                // One that has expired already serves those that wait, or they would ask for ever.
                if now < token.expiresAt { state.tokens.insert(token, for: caller) }
                outcome = .token(token)
            case .failure(let failure):
                if failure == .refused {
                    state.refusals.insert(now.advanced(by: SignInBoard.refusalMemory), for: caller)
                }
                outcome = .failed(failure)
            }
            for mailbox in state.flights.removeValue(forKey: caller) ?? [] where !mailbox.isClosed {
                mailbox.outcomes.append((caller, outcome))
                // Within the lock, so that no mailbox is woken that has been left.
                mailbox.waker.wake()
            }
        }
    }

    /// What has come for a worker since the last time.
    func take(from mailbox: Mailbox) -> [(caller: Digest, outcome: Outcome)] {
        state.withLock { _ in
            defer { mailbox.outcomes = [] }
            return mailbox.outcomes
        }
    }

    /// Nothing more comes to `mailbox`, whose waker may be closed afterwards.
    func leave(_ mailbox: Mailbox) {
        state.withLock { _ in
            mailbox.isClosed = true
            mailbox.outcomes = []
        }
    }
}
