internal import EventLoop
internal import KeyedHashing
internal import RPCCore

/// Where workers learn of each other's sign-ins: who is at it, what came of it, and which token is dead.
///
/// Asked only where a worker has no good token of its own; then one worker at a time signs a caller in, and all that
/// asked meanwhile are told. That is safe from lost wake-ups since asking and answering happen under one lock: whoever
/// joins a sign-in does so before its outcome is posted, and the outcome is in each worker's ``Mailbox`` before that is
/// woken. A worker that has claimed a sign-in always ends it by ``complete(_:_:now:)``, since its call always ends.
final class SignInBoard: Sendable {
    /// What a worker wants.
    enum Need: Hashable {
        case token
        /// A token in the place of the one that upstream has refused to a call.
        ///
        /// One that was given out before that call was made may be as dead as the other.
        case newer(than: UInt64, sentAt: Deadline)
        /// A token newer than one that still serves.
        case refresh(of: UInt64)
    }

    enum Answer {
        case token(AccessToken)
        /// Somebody else is at it; the outcome comes to the mailbox.
        case joined
        /// The worker is to sign the caller in; the outcome comes to its mailbox too.
        case claimed
        /// It has failed a moment ago, and is tried again after so many nanoseconds; or there are too many sign-ins.
        case failed(SignInFailure, after: UInt64)
    }

    /// What a worker finds in its mailbox.
    enum Outcome {
        case token(AccessToken)
        case failed(SignInFailure)
        /// Upstream has refused the token of this number.
        case dropped(UInt64)
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

        fileprivate func post(_ outcome: Outcome, of caller: Digest) {
            guard !isClosed else { return }
            outcomes.append((caller, outcome))
            // Within the lock, so that no mailbox is woken that has been left.
            waker.wake()
        }
    }

    /// Sign-ins at a time, of different callers; more would let made-up keys crowd the upstream.
    static let maximumFlights = 256
    /// A caller whose tokens are refused twice within this time, in nanoseconds, has to wait for the next one.
    ///
    /// Once is a service that has started anew; twice is one that lets none of them in, unless the second one had served
    /// for a while.
    static let refusalWindow: UInt64 = 5_000_000_000
    /// From then on a token has served for a while, in nanoseconds.
    static let youth: UInt64 = 1_000_000_000

    private struct Failure {
        let reason: SignInFailure
        let until: Deadline
        /// It may not be the same with the next sign-in, of which there is to be one.
        let allowsRetry: Bool

        /// How long it is still remembered, in nanoseconds; the clock of who asks may be behind that of who failed.
        func remaining(at now: Deadline) -> UInt64 {
            min(until.remaining(at: now), reason.memory)
        }
    }

    private struct Refusal {
        let serial: UInt64
        let time: Deadline
    }

    private struct Flight {
        var members: [Mailbox]
        /// It follows one that has failed.
        let isRetry: Bool
    }

    private struct State: Sendable {
        var tokens: BoundedCache<AccessToken>
        /// What sign-ins have come to; apart from the tokens, so that made-up keys cannot drive those out.
        var failures: BoundedCache<Failure>
        /// The last token of a caller that was refused.
        var refusals: BoundedCache<Refusal>
        /// Who waits for each sign-in that is under way.
        var flights: [Digest: Flight] = [:]
        var mailboxes: [Mailbox] = []
        var lastSerial: UInt64 = 0
    }

    private let state: Locked<State>

    /// A board that keeps at most `capacity` tokens, and as many failures and refusals.
    init(capacity: Int) {
        state = Locked(
            State(
                tokens: BoundedCache(capacity: capacity),
                failures: BoundedCache(capacity: capacity),
                refusals: BoundedCache(capacity: capacity)
            )
        )
    }

    /// Has `mailbox` hear of tokens that are dropped.
    func enter(_ mailbox: Mailbox) {
        state.withLock { $0.mailboxes.append(mailbox) }
    }

    /// Finds a token of `caller`, or sees to it that `mailbox` is told of one.
    func ask(for caller: Digest, _ need: Need, now: Deadline, _ mailbox: Mailbox) -> Answer {
        state.withLock { state in
            if let token = state.tokens[caller], now < token.expiresAt, isGood(token, need) { return .token(token) }
            if let flight = state.flights[caller] {
                if !flight.members.contains(where: { $0 === mailbox }) {
                    state.flights[caller]?.members.append(mailbox)
                }
                return .joined
            }
            var isRetry = false
            if let failure = state.failures[caller], now < failure.until {
                guard failure.allowsRetry else {
                    return .failed(failure.reason, after: failure.remaining(at: now))
                }
                isRetry = true
            }
            guard state.flights.count < SignInBoard.maximumFlights else { return .failed(.overload, after: 0) }
            state.flights[caller] = Flight(members: [mailbox], isRetry: isRetry)
            return .claimed
        }
    }

    private func isGood(_ token: AccessToken, _ need: Need) -> Bool {
        switch need {
        case .token: true
        case .newer(let serial, let sentAt): token.serial > serial && token.issuedAt >= sentAt
        case .refresh(let serial): token.serial > serial
        }
    }

    /// Ends the sign-in that the caller of this has claimed, and tells all that wait for it.
    ///
    /// - Returns: whether there is a token for `caller` now.
    @discardableResult
    func complete(_ caller: Digest, _ result: Result<AccessToken.Grant, SignInFailure>, now: Deadline) -> Bool {
        state.withLock { state in
            let flight = state.flights.removeValue(forKey: caller)
            let outcome: Outcome
            switch result {
            case .success(let grant):
                state.lastSerial += 1
                let token = AccessToken(grant, serial: state.lastSerial, now: now)
                state.tokens.insert(token, for: caller)
                state.failures.remove(caller)
                outcome = .token(token)
            case .failure(let reason):
                if reason.memory > 0 {
                    let failure = Failure(
                        reason: reason,
                        until: now.advanced(by: reason.memory),
                        allowsRetry: reason.isWorthAnotherTry && flight?.isRetry == false
                    )
                    state.failures.insert(failure, for: caller)
                }
                outcome = .failed(reason)
            }
            for mailbox in flight?.members ?? [] { mailbox.post(outcome, of: caller) }
            return state.tokens[caller].map { now < $0.expiresAt } ?? false
        }
    }

    /// Has no call made any more with the token of `caller` that upstream has refused.
    func drop(_ token: AccessToken, of caller: Digest, now: Deadline) {
        let serial = token.serial
        state.withLock { state in
            if let newest = state.tokens[caller] {
                // An older one has gone already.
                guard newest.serial == serial else { return }
                state.tokens.remove(caller)
            }
            let last = state.refusals[caller]
            guard last.map({ $0.serial < serial }) ?? true else { return }
            state.refusals.insert(Refusal(serial: serial, time: now), for: caller)
            for mailbox in state.mailboxes { mailbox.post(.dropped(serial), of: caller) }
            guard let last, now < last.time.advanced(by: SignInBoard.refusalWindow),
                now < token.issuedAt.advanced(by: SignInBoard.youth)
            else { return }
            let reason = SignInFailure.tokenRefused
            let failure = Failure(reason: reason, until: now.advanced(by: reason.memory), allowsRetry: false)
            state.failures.insert(failure, for: caller)
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
        state.withLock { state in
            state.mailboxes.removeAll { $0 === mailbox }
            mailbox.isClosed = true
            mailbox.outcomes = []
        }
    }
}
