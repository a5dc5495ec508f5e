internal import EventLoop

/// How far the workers have come with a reload, for the main thread.
final class ReloadProgress: Sendable {
    /// What the workers have said since the last look.
    struct News: Sendable {
        /// The generation that all of them serve, if it has become another one.
        var completed: Int?
        var failures: [String] = []
    }

    private struct State: Sendable {
        /// What each worker serves.
        var generations: [Int]
        var completed = 0
        var failures: [String] = []
        /// Nil while nobody wants to hear.
        var waker: Waker?
    }

    private let state: Locked<State>

    init(workers: Int) {
        state = Locked(State(generations: Array(repeating: 0, count: workers)))
    }

    /// Has `waker` woken when there is something to ``take()``, until ``close()``.
    func open(_ waker: Waker) {
        state.withLock { $0.waker = waker }
    }

    /// Nobody is woken any more.
    func close() {
        state.withLock { $0.waker = nil }
    }

    /// Worker number `worker` serves this generation from now on.
    func serves(_ generation: Int, worker: Int) {
        state.withLock { state in
            state.generations[worker] = generation
            state.waker?.wake()
        }
    }

    /// Worker number `worker` goes on with what it had.
    func failed(_ error: GatewayError, worker: Int) {
        state.withLock { state in
            state.failures.append("worker \(worker) cannot take over the new configuration: \(error)")
            state.waker?.wake()
        }
    }

    func take() -> News {
        state.withLock { state in
            var news = News(failures: state.failures)
            state.failures = []
            if let oldest = state.generations.min(), oldest > state.completed {
                state.completed = oldest
                news.completed = oldest
            }
            return news
        }
    }
}
