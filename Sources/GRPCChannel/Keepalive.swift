internal import RPCCore

/// When to ask a silent server whether it is still there, and when to believe that it is not (gRFC A8).
///
/// Whatever comes from the server is a sign of life. A pure state machine: ``KeepaliveMonitor`` asks it what to do, and
/// again at the time that it says.
struct Keepalive {
    enum Action: Hashable {
        case wait(until: Deadline)
        /// Send a PING, then ask again at the time given.
        case ping(nextCheck: Deadline)
        case giveUp
    }

    private let interval: UInt64
    private let timeout: UInt64
    private let pingsWithoutCalls: Bool
    private var lastHeard: Deadline
    private var pingedAt: Deadline?

    /// `interval` and `timeout` in nanoseconds.
    init(interval: UInt64, timeout: UInt64, pingsWithoutCalls: Bool, now: Deadline) {
        self.interval = interval
        self.timeout = timeout
        self.pingsWithoutCalls = pingsWithoutCalls
        lastHeard = now
    }

    /// Whether an answer is due.
    var hasAsked: Bool { pingedAt != nil }

    /// Something has come from the server.
    mutating func heard(at now: Deadline) {
        lastHeard = now
        pingedAt = nil
    }

    mutating func check(at now: Deadline, hasCalls: Bool) -> Action {
        if let pingedAt {
            let end = pingedAt.advanced(by: timeout)
            return end <= now ? .giveUp : .wait(until: end)
        }
        let due = lastHeard.advanced(by: interval)
        if now < due { return .wait(until: due) }
        // Servers take pings without calls amiss (`too_many_pings`).
        guard hasCalls || pingsWithoutCalls else { return .wait(until: now.advanced(by: interval)) }
        pingedAt = now
        return .ping(nextCheck: now.advanced(by: timeout))
    }
}
