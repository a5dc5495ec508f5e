/// What metrics and logs want to know of one request: numbers that are gathered on its way, without an allocation.
///
/// The server sees to times, bytes and the status; what the request was for is noted by its handler.
package struct RequestRecord {
    /// What a request is waiting for, or who is at work on it; each moment of its life belongs to one of them.
    package enum Phase: Int, CaseIterable, Sendable {
        /// The rest of the request, behind its first line.
        case receive
        /// The handler: matching, checking, transcoding.
        case gateway
        /// An access token.
        case signIn
        /// A connection, or a free stream on one.
        case queue
        /// The upstream's answer.
        case upstream
        /// The client, which reads the answer; of a stream this is all of it.
        case send

        package static let count = 6
    }

    /// Whose fault it is that a request did not end well.
    package enum Culprit: Int, CaseIterable, Sendable {
        case client, gateway, network, upstream
    }

    /// Nanoseconds of the monotonic clock when the request line had come.
    package let began: UInt64
    /// The phase of the moment, and when it began.
    package private(set) var phase = Phase.receive
    private var since: UInt64
    private var elapsed = InlineArray<6, UInt64>(repeating: 0)
    /// A bit for each phase that there was.
    private var seen: UInt8 = 1

    /// The answer's status; 0 where there was none.
    package internal(set) var status: UInt16 = 0
    /// Bytes of content that have come, as they were on the wire but for the framing of chunks.
    package internal(set) var receivedBytes = 0
    /// Bytes of content that were handed over to be sent.
    package internal(set) var sentBytes = 0
    /// The answer is not known to have been sent whole.
    package internal(set) var isCutOff = false

    /// What the handler calls the route; 0 for none.
    package var route = 0
    /// What the handler calls the gRPC method; negative for none.
    package var method = -1
    /// The number of gRPC's status; negative for none.
    package var code = -1
    /// Nil where nobody is to blame, or where the status tells whom: 4xx the client, 5xx the gateway.
    package var culprit: Culprit?
    /// A word for programs on what went wrong.
    package var reason: StaticString?
    /// Only where somebody wants to read it.
    package var requestID: String?
    /// The address that the call went to; only where somebody wants to read it.
    package var upstream: String?

    /// A record of a request that begins at `now`.
    package init(now: UInt64) {
        began = now
        since = now
    }

    /// Begins a phase at `now`, nanoseconds of the monotonic clock, and ends the one before.
    package mutating func enter(_ next: Phase, at now: UInt64) {
        settle(at: now)
        phase = next
        seen |= 1 << UInt8(truncatingIfNeeded: next.rawValue)
    }

    /// Takes the phase of the moment to be another one, from its beginning on.
    package mutating func rename(to other: Phase) {
        phase = other
        seen |= 1 << UInt8(truncatingIfNeeded: other.rawValue)
    }

    /// Ends the wait in a queue at `time`, if it is the phase of the moment.
    package mutating func endQueue(at time: UInt64) {
        if phase == .queue { enter(.upstream, at: time) }
    }

    /// Counts the phase of the moment up to `now`.
    package mutating func settle(at now: UInt64) {
        // Clocks of other threads may be read a little earlier or later.
        if now > since { elapsed[phase.rawValue] &+= now &- since }
        since = max(since, now)
    }

    /// Nanoseconds that a phase has taken so far, up to the last ``settle(at:)``; nil where there was none of the kind.
    package subscript(_ phase: Phase) -> UInt64? { elapsed(phase.rawValue) }

    /// The same by the phase's number, below ``Phase/count``.
    package func elapsed(_ phase: Int) -> UInt64? {
        seen >> UInt8(truncatingIfNeeded: phase) & 1 == 0 ? nil : elapsed[phase]
    }

    /// Nanoseconds of all phases, up to the last ``settle(at:)``.
    package var total: UInt64 { since &- began }
}
