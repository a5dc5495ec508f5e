internal import EventLoop
internal import RPCCore

/// Calls that wait before they are made anew, and the timer that ends their wait.
final class DelayedCalls {
    private let loop: EventLoop
    /// Gets each call when its time has come.
    ///
    /// A cycle with the owner, which ``close()`` breaks.
    var start: ((ClientCall) -> Void)?
    private var calls = CallList()
    private var timer: LoopTimer?
    /// What ``timer`` is set to.
    private var nearest = Deadline.never

    init(on loop: EventLoop) {
        self.loop = loop
        // A cycle that close() breaks.
        timer = LoopTimer(on: loop) { self.startDueCalls() }
    }

    var count: Int { calls.count }
    /// Bytes of the calls' messages.
    var byteCount: Int { calls.byteCount }

    func append(_ call: ClientCall, until time: Deadline) {
        call.retryAt = time
        calls.append(call)
        // Fires early for all but the nearest, which costs nothing but a look at the list.
        if calls.count == 1 || time < nearest { arm(for: time) }
    }

    func remove(_ call: ClientCall) {
        calls.remove(call)
    }

    func popFirst() -> ClientCall? {
        calls.popFirst()
    }

    /// Ends the waiting of all calls, which have been taken out; idempotent.
    func close() {
        start = nil
        timer?.close()
        timer = nil
    }

    private func arm(for time: Deadline) {
        nearest = time
        timer?.start(afterMilliseconds: time.remaining(at: loop.now()) / 1_000_000 + 1)
    }

    private func startDueCalls() {
        let now = loop.now()
        var nearest = Deadline.never
        var count = calls.count
        while count > 0, let call = calls.popFirst() {
            count -= 1
            if call.retryAt > now {
                nearest = min(nearest, call.retryAt)
                calls.append(call)
            } else {
                start?(call)
            }
        }
        if !calls.isEmpty { arm(for: nearest) }
    }
}
