internal import Glibc
internal import RPCCore

/// Lets a warning through once in a while, whichever thread it comes from.
///
/// `@unchecked Sendable`: what changes is behind `mutex`.
final class WarningLimit: @unchecked Sendable {
    private let interval: UInt64
    private let print: @Sendable (String) -> Void
    // Owned here, freed in deinit (lifetime rule a).
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var next = Deadline(nanoseconds: 0)

    /// At most one warning in `interval` nanoseconds goes to `print`.
    init(interval: UInt64, _ print: @escaping @Sendable (String) -> Void) {
        self.interval = interval
        self.print = print
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func warn(_ text: String, now: Deadline) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard now >= next else { return }
        next = now.advanced(by: interval)
        print(text)
    }
}
