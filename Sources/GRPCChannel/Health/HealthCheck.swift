internal import RPCCore

/// What a server is known to say of its health, and when to ask it again (grpc/doc/health-checking.md, gRFC A17).
///
/// A pure state machine: ``HealthMonitor`` makes the calls and tells it what becomes of them.
struct HealthCheck {
    enum Verdict: Hashable {
        /// It has not answered yet.
        case unknown
        case serving
        /// It has no health service, and is taken for healthy (A17).
        case unsupported
        /// What it says instead, or that it says nothing: completes "upstream X ...".
        case notServing(String)
    }

    enum Method: Hashable {
        /// A stream that is open for as long as all is well: the server says when it is not.
        case watch
        /// A call that is made over and over.
        case check
    }

    /// What to do after an event.
    enum Next: Hashable {
        /// What was decided before still holds.
        case goOn
        /// Wait for the server to say more, or for nothing.
        case rest
        /// Ask anew after so many nanoseconds.
        case ask(after: UInt64)
    }

    private(set) var verdict = Verdict.unknown
    /// Whether the call that is under way has told what it can.
    private(set) var isAnswered = false
    private var method = Method.watch
    /// What the message of a check said.
    private var said: ServingStatus?
    private var askedAt = Deadline(nanoseconds: 0)
    /// Calls in a row that were of no use.
    private var failureCount = 0
    /// The watch under way has answered; when it has lasted, the failures before it are forgotten.
    private var isProving = false
    private let service: String
    private let period: UInt64
    private let backoff: Backoff
    private var random = SystemRandomNumberGenerator()

    /// How long a watch must have lasted to be opened anew without a wait, in nanoseconds.
    private static let provenAfter: UInt64 = 1_000_000_000

    /// `period` in nanoseconds, from one question to the next where the server will not say by itself that all is well.
    init(service: String, period: UInt64, backoff: Backoff) {
        self.service = service
        self.period = period
        self.backoff = backoff
    }

    /// How to ask a server that allows so many streams at a time.
    ///
    /// A watch takes one of them for good: all that there is of one, and too much of a few.
    static func method(forLimit streams: Int) -> Method { streams < 8 ? .check : .watch }

    /// A call begins.
    mutating func asked(_ method: Method, at now: Deadline) {
        // A watch that we have ended ourselves.
        forgetFailures(at: now)
        self.method = method
        askedAt = now
        isAnswered = false
        said = nil
    }

    /// A message has come, nil if it makes no sense, with which a watch is over.
    mutating func answered(_ status: ServingStatus?) -> Next {
        guard method == .watch else {
            // Counts if the call ends with OK: grpcio's NOT_FOUND comes with a message too.
            said = status
            return .goOn
        }
        isAnswered = true
        return judge(status)
    }

    /// The call has ended.
    mutating func ended(_ status: Status, at now: Deadline) -> Next {
        if status.code == .unimplemented {
            verdict = .unsupported
            return .rest
        }
        guard method == .watch else {
            isAnswered = true
            if status.isOK { return judge(said) }
            return status.code == .notFound ? judge(.serviceUnknown) : fail(status)
        }
        // A17: at once after a watch that was of use, so that a proxy may limit how long a stream lasts.
        guard isAnswered, hasLasted(at: now) else { return fail(status) }
        forgetFailures(at: now)
        if verdict == .serving { verdict = .unknown }
        return .ask(after: 0)
    }

    /// Makes a verdict of what the server says, nil if that makes no sense.
    ///
    /// A watch goes on until it is asked anew. That is done where the server is not serving, although it would say when
    /// it is again: it gets no calls, so nobody would notice that it is gone, and it would be waited for in vain.
    private mutating func judge(_ status: ServingStatus?) -> Next {
        guard let status else { return fail("answers its health check with something else") }
        // One that answers and ends, over and over, is asked less and less.
        if method == .watch { isProving = true } else { failureCount = 0 }
        guard status == .serving else {
            verdict = .notServing("reports \(status.name)\(subject)")
            return .ask(after: period)
        }
        verdict = .serving
        return method == .check ? .ask(after: period) : .rest
    }

    /// Nothing has come within `timeout` nanoseconds.
    mutating func timedOut(after timeout: UInt64) -> Next {
        fail("does not answer its health check within \(Double(timeout) / 1e9) s")
    }

    private mutating func fail(_ status: Status) -> Next {
        let reason = status.message.isEmpty ? "" : ": \(status.message)"
        return fail("fails its health check\(subject): \(status.code)\(reason)")
    }

    private mutating func fail(_ reason: String) -> Next {
        verdict = .notServing(reason)
        isProving = false
        failureCount += 1
        return .ask(after: backoff.delay(afterFailures: failureCount, using: &random))
    }

    private func hasLasted(at now: Deadline) -> Bool { now >= askedAt.advanced(by: HealthCheck.provenAfter) }

    private mutating func forgetFailures(at now: Deadline) {
        if isProving, hasLasted(at: now) { failureCount = 0 }
        isProving = false
    }

    private var subject: String { service.isEmpty ? "" : " for service \(service)" }
}
