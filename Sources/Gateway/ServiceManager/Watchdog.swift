internal import EventLoop

/// Tells the service manager that the process is alive, for as long as every one of its loops is.
///
/// Twice in the manager's interval each loop is asked for a sign of life, from the main thread's. Once all of them have
/// answered, the manager hears of it; where one is stuck, it hears nothing more and does what it is told to do then. All
/// but ``answer(_:)`` belongs to the main thread.
final class Watchdog {
    private struct Round {
        /// The workers that have not answered yet.
        var missing: Set<Int> = []
        /// All have, which ``onLife`` has not been told.
        var isComplete = false
    }

    private let round = Locked(Round())
    private let count: Int
    /// Milliseconds between two questions.
    private let interval: UInt64
    private let ask: (Int) -> Void
    private var timer: LoopTimer?
    private var listener: Waker?

    /// Asks workers 0 to `count` by `ask`, each of which is to ``answer(_:)`` on its own loop, and calls `onLife` once
    /// all have; twice in `timeout`, in microseconds.
    init(
        _ timeout: UInt64,
        count: Int,
        on loop: EventLoop,
        ask: @escaping (Int) -> Void,
        onLife: @escaping () -> Void
    ) throws(UVError) {
        self.count = count
        self.ask = ask
        interval = max(1, timeout / 2000)
        listener = try Waker(on: loop) { [unowned self] in
            let isAlive = round.withLock { round -> Bool in
                defer { round.isComplete = false }
                return round.isComplete
            }
            if isAlive, timer != nil { onLife() }
        }
        timer = LoopTimer(on: loop) { [unowned self] in start() }
    }

    /// Asks now, and from now on.
    func start() {
        timer?.start(afterMilliseconds: interval)
        // Where one has not answered, asking again would change nothing.
        let isDue = round.withLock { round -> Bool in
            guard round.missing.isEmpty else { return false }
            round.missing = Set(0..<count)
            return true
        }
        if isDue { for worker in 0..<count { ask(worker) } }
    }

    /// Worker number `worker` is alive; from its own thread.
    func answer(_ worker: Int) {
        let isLast = round.withLock { round -> Bool in
            guard round.missing.remove(worker) != nil, round.missing.isEmpty else { return false }
            round.isComplete = true
            return true
        }
        if isLast { listener?.wake() }
    }

    /// Asks no more, and calls nothing; idempotent.
    func stop() {
        timer?.close()
        timer = nil
    }

    /// Ends it, once nobody can answer any more; idempotent.
    func close() {
        stop()
        listener?.close()
        listener = nil
    }
}
