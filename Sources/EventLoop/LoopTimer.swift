internal import CLibUV

/// A one-shot timer with millisecond resolution.
package final class LoopTimer {
    private let handle: UnsafeMutablePointer<uv_timer_t>
    private let fire: () -> Void
    private var isClosed = false

    /// An idle timer that calls `fire` on the loop's thread each time it runs out.
    package init(on loop: EventLoop, _ fire: @escaping () -> Void) {
        self.fire = fire
        handle = HandleMemory.allocate(uv_timer_t.self)
        // uv_timer_init cannot fail: it only links memory (libuv src/timer.c).
        uv_timer_init(loop.raw, handle)
        HandleMemory.attach(self, to: handle)
    }

    /// Calls `body` once, on the loop's next turn.
    package static func callSoon(on loop: EventLoop, _ body: @escaping () -> Void) {
        var timer: LoopTimer?
        timer = LoopTimer(on: loop) {
            timer?.close()
            timer = nil
            body()
        }
        timer?.start(afterMilliseconds: 0)
    }

    /// Fires once after `milliseconds`, replacing an earlier start.
    package func start(afterMilliseconds milliseconds: UInt64) {
        guard !isClosed else { return }
        uv_timer_start(handle, { HandleMemory.owner(of: $0, as: LoopTimer.self)?.fire() }, milliseconds, 0)
    }

    /// Forgets a start that has not fired yet.
    package func stop() {
        guard !isClosed else { return }
        uv_timer_stop(handle)
    }

    /// Releases the timer, which never fires again; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        HandleMemory.close(handle)
    }
}
