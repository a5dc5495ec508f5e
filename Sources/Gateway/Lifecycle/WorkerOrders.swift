internal import EventLoop

/// What the main thread wants of a worker, which takes it on its own thread.
final class WorkerOrders: Sendable {
    enum Stop: Hashable, Sendable {
        /// Once all that has begun is done.
        case whenDone
        /// As soon as those that wait have been told.
        case now
    }

    struct Orders: Sendable {
        /// To be served from now on.
        var generation: Generation?
        /// A sign of life is wanted.
        var isPinged = false
        var stop: Stop?
    }

    private struct State: Sendable {
        var orders = Orders()
        /// Nil before the worker listens, and once it does so no more.
        var waker: Waker?
    }

    private let state = Locked(State())

    /// Has `waker` woken when there is something to ``take()``, until ``close()``.
    func open(_ waker: Waker) {
        state.withLock { $0.waker = waker }
    }

    /// Nobody is woken any more.
    func close() {
        state.withLock { $0.waker = nil }
    }

    func serve(_ generation: Generation) {
        state.withLock { state in
            state.orders.generation = generation
            state.waker?.wake()
        }
    }

    func ping() {
        state.withLock { state in
            state.orders.isPinged = true
            state.waker?.wake()
        }
    }

    func stop(_ stop: Stop) {
        state.withLock { state in
            state.orders.stop = stop
            // Within the lock, since the waker may be closed afterwards.
            state.waker?.wake()
        }
    }

    /// What has come since the last time.
    func take() -> Orders {
        state.withLock { state in
            defer { state.orders = Orders() }
            return state.orders
        }
    }
}
