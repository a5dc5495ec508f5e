internal import Glibc

/// A value that threads may share, behind a lock; never for the request path.
///
/// A pthread mutex rather than `Synchronization.Mutex`, which ThreadSanitizer reports on without cause.
///
/// `@unchecked Sendable`: nothing touches the value without holding the mutex.
package final class Locked<Value: Sendable>: @unchecked Sendable {
    // Owned here, freed in `deinit` (lifetime rule a).
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Lets `body` at the value, alone; it must not come back to this lock.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
