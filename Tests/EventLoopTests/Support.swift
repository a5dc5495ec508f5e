import EventLoop
import RPCCore

extension EventLoop {
    /// Runs turns until `condition` holds; false if that takes longer than ten seconds.
    func run(until condition: () -> Bool) -> Bool {
        let limit = now().advanced(by: 10_000_000_000)
        // Starts itself anew: a turn may run a timer that is due before it waits, and would then wait for good.
        var tick: LoopTimer?
        tick = LoopTimer(on: self) { tick?.start(afterMilliseconds: 2) }
        tick?.start(afterMilliseconds: 2)
        defer {
            tick?.close()
            tick = nil
        }
        while !condition() {
            guard now() < limit else { return false }
            runOnce(waiting: true)
        }
        return true
    }
}
