internal import CLibUV

/// Calls a function once a loop turn, right before the loop polls for events (`uv_prepare_t`).
package final class TurnHook {
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let idle: UnsafeMutablePointer<uv_idle_t>
    private let body: (TurnHook) -> Void
    private var isClosed = false

    package init(on loop: EventLoop, _ body: @escaping (TurnHook) -> Void) {
        self.body = body
        prepare = HandleMemory.allocate(uv_prepare_t.self)
        idle = HandleMemory.allocate(uv_idle_t.self)
        uv_prepare_init(loop.raw, prepare)
        uv_idle_init(loop.raw, idle)
        HandleMemory.attach(self, to: prepare)
        HandleMemory.attach(self, to: idle)
        uv_prepare_start(prepare) { raw in
            guard let hook = HandleMemory.owner(of: raw, as: TurnHook.self) else { return }
            hook.body(hook)
        }
    }

    /// Whether the next poll returns at once, so that another turn follows without waiting.
    ///
    /// An active `uv_idle_t` has just this effect (libuv "Idle handle"), and unlike a zero timer it holds for the
    /// very poll that follows.
    package var runsAgainAtOnce = false {
        didSet {
            guard runsAgainAtOnce != oldValue, !isClosed else { return }
            if runsAgainAtOnce { uv_idle_start(idle) { _ in } } else { uv_idle_stop(idle) }
        }
    }

    /// Ends the calls; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        HandleMemory.close(prepare)
        HandleMemory.close(idle)
    }
}
