import EventLoop
import RPCCore

extension EventLoop {
    /// Runs turns until `condition` holds; false if that takes longer than ten seconds.
    func run(until condition: () -> Bool) -> Bool {
        let limit = now().advanced(by: 10_000_000_000)
        let tick = LoopTimer(on: self) {}
        defer { tick.close() }
        while !condition() {
            guard now() < limit else { return false }
            tick.start(afterMilliseconds: 2)
            runOnce(waiting: true)
        }
        return true
    }
}
