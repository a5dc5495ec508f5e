import EventLoop
import Glibc
import KeyedHashing
import RPCCore
import Testing

@testable import Gateway

/// Who signs in, who waits, and who is told.
@Suite
struct SignInBoardTests {
    private static let start = Deadline(nanoseconds: 1_000_000_000_000)

    private static func grant(_ lifetime: UInt64? = nil) -> AccessToken.Grant? {
        let expiry = lifetime.map { #"{"exp":\#($0)}"# } ?? "{}"
        let payload = BinaryMetadata.encode(Array(expiry.utf8), isPadded: false)
        return Array("a.\(payload).c".utf8).withUnsafeBytes { AccessToken.Grant(token: $0, time: 0) }
    }

    /// Two workers' mailboxes on one loop, and what is theirs.
    private final class Fixture {
        let loop: EventLoop
        let board = SignInBoard(capacity: 10)
        let wakers: [Waker]
        let boxes: [SignInBoard.Mailbox]
        let caller: Digest
        let other: Digest
        /// Tokens that came of ``complete(_:after:)``, by their number.
        var given: [UInt64: AccessToken] = [:]

        init() throws {
            loop = try EventLoop()
            let loop = loop
            wakers = try (0..<2).map { _ in try Waker(on: loop) {} }
            boxes = wakers.map(SignInBoard.Mailbox.init)
            let hash = KeyedHash()
            for box in boxes { board.enter(box) }
            caller = try #require(withUnsafeBytes(of: 1) { hash.digest($0) })
            other = try #require(withUnsafeBytes(of: 2) { hash.digest($0) })
        }

        func ask(
            _ box: Int,
            _ need: SignInBoard.Need = .token,
            after nanoseconds: UInt64 = 0
        ) -> String {
            let now = SignInBoardTests.start.advanced(by: nanoseconds)
            switch board.ask(for: caller, need, now: now, boxes[box]) {
            case .token(let token): return "token \(token.serial)"
            case .joined: return "joined"
            case .claimed: return "claimed"
            case .failed(let reason, _): return "\(reason)"
            }
        }

        /// What upstream's refusal of a token comes to, of a call that was made after so many nanoseconds.
        func refuse(_ box: Int, _ serial: UInt64, sent: UInt64, after nanoseconds: UInt64) -> String {
            if let token = given[serial] {
                board.drop(token, of: caller, now: SignInBoardTests.start.advanced(by: nanoseconds))
            }
            let sentAt = SignInBoardTests.start.advanced(by: sent)
            return ask(box, .newer(than: serial, sentAt: sentAt), after: nanoseconds)
        }

        func complete(
            _ result: Result<AccessToken.Grant, SignInFailure>,
            after nanoseconds: UInt64 = 0
        ) {
            let now = SignInBoardTests.start.advanced(by: nanoseconds)
            board.complete(caller, result, now: now)
            if case .success = result, case .token(let token) = board.ask(for: caller, .token, now: now, boxes[0]) {
                given[token.serial] = token
            }
        }

        func taken(_ box: Int) -> [String] {
            board.take(from: boxes[box]).map { _, outcome in
                switch outcome {
                case .token(let token): "token \(token.serial)"
                case .failed(let reason): "\(reason)"
                case .dropped(let serial): "dropped \(serial)"
                }
            }
        }

        func close() {
            for box in boxes { board.leave(box) }
            for waker in wakers { waker.close() }
            loop.close()
        }
    }

    @Test
    func oneClaimsAndAllAreTold() throws {
        let fixture = try Fixture()
        #expect(fixture.ask(0) == "claimed")
        #expect(fixture.ask(0) == "joined")
        #expect(fixture.ask(1) == "joined")
        #expect(fixture.taken(1) == [])
        fixture.complete(.success(try #require(SignInBoardTests.grant())))
        #expect(fixture.taken(0) == ["token 1"])
        #expect(fixture.taken(1) == ["token 1"])
        #expect(fixture.taken(1) == [])
        #expect(fixture.ask(1) == "token 1")
        fixture.close()
    }

    @Test
    func aRefusedTokenIsReplacedOnce() throws {
        let fixture = try Fixture()
        let grant = try #require(SignInBoardTests.grant())
        #expect(fixture.ask(0) == "claimed")
        fixture.complete(.success(grant))
        #expect(fixture.taken(0) == ["token 1"])
        #expect(fixture.refuse(0, 1, sent: 10, after: 20) == "claimed")
        #expect(fixture.refuse(1, 1, sent: 10, after: 20) == "joined")
        // Nobody gets the one that was refused any more.
        #expect(fixture.ask(1) == "joined")
        fixture.complete(.success(grant), after: 30)
        #expect(fixture.refuse(0, 1, sent: 10, after: 40) == "token 2")
        #expect(fixture.taken(1) == ["dropped 1", "token 2"])
        #expect(fixture.refuse(1, 1, sent: 30, after: 40) == "token 2")
        fixture.close()
    }

    /// One worker has learnt of the first revocation, and the other one of neither.
    @Test
    func aTokenFromBeforeTheCallIsNoReplacement() throws {
        let fixture = try Fixture()
        let grant = try #require(SignInBoardTests.grant())
        _ = fixture.ask(0)
        fixture.complete(.success(grant))
        _ = fixture.refuse(0, 1, sent: 10, after: 20)
        fixture.complete(.success(grant), after: 30)
        // The second one is as dead as the first by now, which nobody has found out.
        #expect(fixture.refuse(1, 1, sent: 31, after: 50) == "claimed")
        #expect(fixture.refuse(0, 2, sent: 31, after: 50) == "joined")
        fixture.complete(.success(grant), after: 60)
        #expect(fixture.refuse(0, 2, sent: 31, after: 70) == "token 3")
        #expect(fixture.ask(1, after: 70) == "token 3")
        fixture.close()
    }

    @Test
    func aCallersTokensAreNotRefusedForEver() throws {
        let fixture = try Fixture()
        let grant = try #require(SignInBoardTests.grant())
        let second: UInt64 = 1_000_000_000
        _ = fixture.ask(0)
        fixture.complete(.success(grant))
        #expect(fixture.refuse(0, 1, sent: 10, after: 20) == "claimed")
        fixture.complete(.success(grant), after: 30)
        #expect(fixture.refuse(0, 2, sent: 40, after: 50) == "tokenRefused")
        #expect(fixture.ask(1, after: 49 + second) == "tokenRefused")
        #expect(fixture.ask(1, after: 50 + second) == "claimed")
        fixture.complete(.success(grant), after: 60 + second)
        #expect(fixture.refuse(1, 3, sent: 70 + second, after: 80 + second) == "tokenRefused")
        #expect(fixture.ask(1, after: 80 + 2 * second) == "claimed")
        fixture.complete(.success(grant), after: 90 + 2 * second)
        // A token that has served, or a refusal long after the last one: a service that has started anew.
        #expect(fixture.refuse(1, 4, sent: 3 * second, after: 90 + 3 * second) == "claimed")
        fixture.complete(.success(grant), after: 8 * second)
        #expect(fixture.refuse(1, 5, sent: 10 + 8 * second, after: 100 + 8 * second) == "claimed")
        fixture.complete(.failure(.stopping))
        fixture.close()
    }

    @Test
    func aTokenServesWhileItIsRenewed() throws {
        let fixture = try Fixture()
        let grant = try #require(SignInBoardTests.grant())
        _ = fixture.ask(0)
        fixture.complete(.success(grant))
        #expect(fixture.ask(0, .refresh(of: 1)) == "claimed")
        #expect(fixture.ask(1) == "token 1")
        #expect(fixture.ask(1, .refresh(of: 1)) == "joined")
        fixture.complete(.failure(.timedOut))
        #expect(fixture.ask(1) == "token 1")
        #expect(fixture.ask(1, .refresh(of: 1)) == "claimed")
        fixture.complete(.success(grant))
        #expect(fixture.ask(0, .refresh(of: 1)) == "token 2")
        fixture.close()
    }

    @Test
    func anExpiredTokenServesForAMoment() throws {
        let fixture = try Fixture()
        _ = fixture.ask(0)
        fixture.complete(.success(try #require(SignInBoardTests.grant(0))))
        #expect(fixture.taken(0) == ["token 1"])
        #expect(fixture.ask(0, after: 4_999_999_999) == "token 1")
        #expect(fixture.ask(0, after: 5_000_000_000) == "claimed")
        fixture.complete(.success(try #require(SignInBoardTests.grant(10))), after: 5_000_000_000)
        #expect(fixture.ask(0, after: 14_999_999_999) == "token 2")
        #expect(fixture.ask(0, after: 15_000_000_000) == "claimed")
        fixture.complete(.failure(.malformed))
        fixture.close()
    }

    @Test(
        arguments: [
            (.refused, 1), (.failed(.internalError), 1), (.malformed, 1), (.timedOut, 1),
            (.unavailable(nil, retryAfter: nil), 1), (.limited(retryAfter: nil), 5),
            (.limited(retryAfter: 3_000_000_000), 3), (.limited(retryAfter: .max), 60), (.limited(retryAfter: 0), 1),
        ] as [(SignInFailure, UInt64)]
    )
    func aFailureIsRememberedForAWhile(failure: SignInFailure, seconds: UInt64) throws {
        let fixture = try Fixture()
        _ = fixture.ask(0)
        fixture.complete(.failure(failure))
        if failure.isWorthAnotherTry {
            #expect(fixture.ask(1) == "claimed")
            fixture.complete(.failure(failure))
        }
        #expect(fixture.taken(0) == ["\(failure)"])
        #expect(fixture.ask(1) == "\(failure)")
        #expect(fixture.ask(1, after: seconds * 1_000_000_000 - 1) == "\(failure)")
        #expect(fixture.ask(1, after: seconds * 1_000_000_000) == "claimed")
        fixture.complete(.failure(.stopping))
        fixture.close()
    }

    /// A loop's turn may have begun, by its clock, before another worker's sign-in failed.
    @Test
    func nobodyIsToldToWaitForLongerThanItIsRemembered() throws {
        let fixture = try Fixture()
        _ = fixture.ask(0)
        fixture.complete(.failure(.refused), after: 5_000_000)
        for (asked, rest) in [(0, 1_000_000_000), (5_000_000, 1_000_000_000), (6_000_000, 999_000_000)] {
            let now = SignInBoardTests.start.advanced(by: UInt64(asked))
            let answer = fixture.board.ask(for: fixture.caller, .token, now: now, fixture.boxes[1])
            guard case .failed(_, let delay) = answer else {
                Issue.record("asked for a token at \(asked)")
                continue
            }
            #expect(delay == UInt64(rest))
        }
        fixture.close()
    }

    @Test(arguments: [SignInFailure.stopping, .overload])
    func whatConcernsOneWorkerIsNotRemembered(failure: SignInFailure) throws {
        let fixture = try Fixture()
        _ = fixture.ask(0)
        fixture.complete(.failure(failure))
        #expect(fixture.ask(1) == "claimed")
        fixture.complete(.failure(failure))
        fixture.close()
    }

    @Test(arguments: [SignInFailure.timedOut, .unavailable(nil, retryAfter: nil)])
    func whatConcernsOneSignInAllowsAnother(failure: SignInFailure) throws {
        let fixture = try Fixture()
        _ = fixture.ask(0)
        fixture.complete(.failure(failure))
        #expect(fixture.ask(0) == "claimed")
        #expect(fixture.ask(1) == "joined")
        fixture.complete(.failure(failure))
        #expect(fixture.ask(1) == "\(failure)")
        #expect(fixture.ask(1, after: 1_000_000_000) == "claimed")
        fixture.complete(.failure(failure), after: 1_000_000_000)
        #expect(fixture.ask(0, after: 1_000_000_000) == "claimed")
        fixture.complete(.success(try #require(SignInBoardTests.grant())), after: 1_000_000_000)
        #expect(fixture.ask(1, after: 1_000_000_000) == "token 1")
        fixture.close()
    }

    @Test
    func madeUpKeysAreBounded() throws {
        let fixture = try Fixture()
        let hash = KeyedHash()
        let callers = try (0..<SignInBoard.maximumFlights).map { number in
            try #require(withUnsafeBytes(of: number) { hash.digest($0) })
        }
        for caller in callers {
            guard case .claimed = fixture.board.ask(for: caller, .token, now: SignInBoardTests.start, fixture.boxes[0])
            else {
                Issue.record("a sign-in was not claimed")
                continue
            }
        }
        #expect(fixture.ask(0) == "overload")
        fixture.board.complete(callers[0], .failure(.timedOut), now: SignInBoardTests.start)
        #expect(fixture.ask(0) == "claimed")
        fixture.close()
    }

    @Test
    func whoHasLeftIsNotTold() throws {
        let fixture = try Fixture()
        _ = fixture.ask(0)
        _ = fixture.ask(1)
        fixture.board.leave(fixture.boxes[1])
        // Waking it now would be a use after free.
        fixture.wakers[1].close()
        fixture.complete(.failure(.stopping))
        #expect(fixture.taken(0) == ["stopping"])
        #expect(fixture.taken(1) == [])
        fixture.close()
    }

    /// Several workers ask all the time, and each that waits is told: no wake-up is lost, and no two sign in at once.
    @Test(arguments: [2, 4])
    func severalThreads(count: Int) throws {
        let contest = try Contest(threads: count)
        let threads = try (0..<count).map { _ in try LoopThread { contest.run() } }
        for thread in threads { thread.join() }
        #expect(contest.overlaps == 0)
        #expect(contest.signIns > 0)
        #expect(contest.rounds == count * Contest.roundsPerThread)
    }
}

/// Workers that get a token, use it up, and want a newer one.
private final class Contest: @unchecked Sendable {
    static let roundsPerThread = 500

    private let board = SignInBoard(capacity: 10)
    private let caller: Digest
    private let grant: AccessToken.Grant
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var isSigningIn = false
    private(set) var overlaps = 0
    private(set) var signIns = 0
    private(set) var rounds = 0

    init(threads: Int) throws {
        caller = try #require(withUnsafeBytes(of: 1) { KeyedHash().digest($0) })
        grant = try #require(Array("token".utf8).withUnsafeBytes { AccessToken.Grant(token: $0, time: 0) })
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    private func locked(_ body: () -> Void) {
        pthread_mutex_lock(mutex)
        body()
        pthread_mutex_unlock(mutex)
    }

    /// One thread's work; it ends only if every wait ends.
    func run() {
        guard let loop = try? EventLoop() else { return }
        var box: SignInBoard.Mailbox?
        var last: UInt64 = 0
        var sentAt = Deadline(nanoseconds: 0)
        var done = 0
        /// Counts tokens until there have been enough, and asks for the next one.
        func proceed() {
            while done < Contest.roundsPerThread, let box {
                let need: SignInBoard.Need = last == 0 ? .token : .newer(than: last, sentAt: sentAt)
                switch board.ask(for: caller, need, now: loop.now(), box) {
                case .token(let token): use(token)
                case .joined: return
                case .claimed:
                    locked {
                        if isSigningIn { overlaps += 1 }
                        isSigningIn = true
                        signIns += 1
                    }
                    sched_yield()
                    locked { isSigningIn = false }
                    board.complete(caller, .success(grant), now: loop.now())
                    return
                case .failed: return
                }
            }
            loop.stop()
        }
        func use(_ token: AccessToken) {
            last = token.serial
            sentAt = loop.now()
            done += 1
            locked { rounds += 1 }
        }
        let waker = try? Waker(on: loop) { [board] in
            guard let box else { return }
            for (_, outcome) in board.take(from: box) {
                if case .token(let token) = outcome, done < Contest.roundsPerThread { use(token) }
            }
            proceed()
        }
        guard let waker else { return }
        box = SignInBoard.Mailbox(waker: waker)
        waker.wake()
        loop.run()
        if let box { board.leave(box) }
        waker.close()
        loop.close()
    }
}
