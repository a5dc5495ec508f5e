import Glibc

/// State behind a lock that other threads can wait on until it says what they hope for.
///
/// Built on pthread's mutex and condition rather than on `Synchronization.Mutex`, which has no condition variable and
/// which ThreadSanitizer reports on.
package final class Monitor<State>: @unchecked Sendable {
    // Owned here, freed in `deinit` (lifetime rule a). Guards `state`, which is never touched without it.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        // A closure that comes back to its own monitor should end in a message, not in silence.
        var kind = pthread_mutexattr_t()
        pthread_mutexattr_init(&kind)
        pthread_mutexattr_settype(&kind, Int32(PTHREAD_MUTEX_ERRORCHECK))
        pthread_mutex_init(mutex, &kind)
        pthread_mutexattr_destroy(&kind)
        // Timeouts must not follow corrections of the wall clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Looks at the state without waking anybody.
    package func read<Result>(_ body: (State) throws -> Result) rethrows -> Result {
        lock()
        defer { pthread_mutex_unlock(mutex) }
        return try body(state)
    }

    /// Changes the state and wakes whoever waits for a change.
    package func update<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        lock()
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until `condition` holds, at most `timeout`; says whether it came to hold.
    ///
    /// Blocks the calling thread. What makes the condition true must not need that same thread.
    package func wait(for timeout: Duration, until condition: (State) -> Bool) -> Bool {
        var deadline = MonotonicTime.now.advanced(by: timeout).timespec
        lock()
        defer { pthread_mutex_unlock(mutex) }
        while !condition(state) {
            if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return condition(state) }
        }
        return true
    }

    private func lock() {
        let code = pthread_mutex_lock(mutex)
        precondition(code == 0, "a closure given to a monitor, or a condition to wait for, used that monitor itself")
    }
}
