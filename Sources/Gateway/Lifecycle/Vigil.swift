internal import RPCCore

/// Whether a worker that has nothing to do should go on asking for events instead of sleeping until one comes.
///
/// To be woken by another core takes tens of microseconds and as much of both cores' time, and a request that comes alone
/// waits for it twice: for itself and for its answer. So a worker stays awake where the events of late came so closely that
/// sleeping in between does not pay, which is how guests of a hypervisor halt too (Linux, "Guest halt polling"). It does
/// not where somebody else wants its core, perhaps the very one that it waits for.
struct Vigil {
    /// Nanoseconds that a wait may take, on the average and by itself.
    static let limit: UInt64 = 100_000
    /// Nanoseconds for which it sleeps through all waits after it was in somebody's way time and again.
    static let rest: UInt64 = 1_000_000_000
    /// The share of waits in which it was, in 256ths, above which that is so; others want any core once in a while.
    private static let mostDisturbance = 64
    /// A longer wait counts as so many nanoseconds, of which one is enough to fall asleep.
    private static let tooLong = 4 * limit

    /// Of the last waits, each worth three quarters of the one after it.
    private var average = Vigil.tooLong
    private var seenEvents: UInt64 = 0
    private var begin = Deadline(nanoseconds: 0)
    private var isAwake = false
    /// What there were when the wait began.
    private var preemptions = 0
    /// The share of waits awake in which there were more, in 256ths, each wait worth seven eighths of the one after it.
    private var disturbance = 0
    private var restsUntil = Deadline(nanoseconds: 0)

    /// Tells the end of a loop turn, before which there were so many events in all; whether to take another one at once.
    ///
    /// `preemptions` is asked how often the thread has had to make room on its core (getrusage(2), `ru_nivcsw`).
    mutating func continues(events: UInt64, now: Deadline, preemptions count: () -> Int) -> Bool {
        let isEvent = events != seenEvents
        let waited = now.remaining(at: begin)
        if isEvent {
            seenEvents = events
            average = (average * 3 + (waited < Vigil.limit ? waited : Vigil.tooLong)) / 4
            begin = now
        }
        let wasAwake = isAwake
        isAwake = average < Vigil.limit && (isEvent || waited < Vigil.limit) && now >= restsUntil
        guard wasAwake && (isEvent || !isAwake) || isAwake && isEvent else { return isAwake }
        let newCount = count()
        if wasAwake { disturbance += (newCount > preemptions ? 32 : 0) - disturbance / 8 }
        if disturbance > Vigil.mostDisturbance {
            restsUntil = now.advanced(by: Vigil.rest)
            disturbance = 0
            isAwake = false
        }
        preemptions = newCount
        return isAwake
    }
}
