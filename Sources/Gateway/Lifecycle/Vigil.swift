internal import RPCCore

/// Whether a worker that has nothing to do should go on asking for events instead of sleeping until one comes.
///
/// To be woken by another core takes tens of microseconds and as much of both cores' time, and a request that comes alone
/// waits for it twice: for itself and for its answer. So a worker stays awake where the events of late came so closely that
/// sleeping in between does not pay, which is how guests of a hypervisor halt too (Linux, "Guest halt polling").
struct Vigil {
    /// Nanoseconds that a wait may take, on the average and by itself.
    static let limit: UInt64 = 100_000
    /// A longer one counts as so many nanoseconds, of which one is enough to fall asleep.
    private static let tooLong = 4 * limit

    /// Of the last waits, each worth three quarters of the one after it.
    private var average = Vigil.tooLong
    private var seenEvents: UInt64 = 0
    private var begin = Deadline(nanoseconds: 0)

    /// Tells the end of a loop turn, before which there were so many events in all; whether to take another one at once.
    mutating func continues(events: UInt64, now: Deadline) -> Bool {
        if events != seenEvents {
            seenEvents = events
            let waited = waited(until: now)
            average = (average * 3 + (waited < Vigil.limit ? waited : Vigil.tooLong)) / 4
            begin = now
        }
        return average < Vigil.limit && waited(until: now) < Vigil.limit
    }

    private func waited(until now: Deadline) -> UInt64 { now.remaining(at: begin) }
}
