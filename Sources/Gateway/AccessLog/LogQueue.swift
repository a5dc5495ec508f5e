internal import Bytes
internal import Glibc

/// Batches of lines between the workers and the one thread that writes them, so many bytes of them at most.
///
/// `@unchecked Sendable`: what changes is touched behind the mutex alone. Workers hold it for as long as it takes to
/// append to an array, once a batch.
final class LogQueue: @unchecked Sendable {
    /// What the writing thread is to do next.
    enum Order {
        case write([LogBatch])
        case reopen
        case end
    }

    // Owned here, freed in `deinit` (lifetime rule a).
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private let maximumBytes: Int
    private var batches: [LogBatch] = []
    /// Of what waits and of what is being written.
    private var byteCount = 0
    private var dropped: UInt64 = 0
    private var wantsReopening = false
    private var isClosing = false
    private var isDone = false

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        // Waiting must not follow corrections of the wall clock.
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

    // MARK: - Workers

    /// Takes a batch; one for which there is no room is dropped and counted.
    func put(_ batch: LogBatch) {
        locked {
            guard !isClosing, byteCount + batch.text.count <= maximumBytes else {
                dropped &+= batch.lineCount
                return
            }
            byteCount += batch.text.count
            batches.append(batch)
            pthread_cond_broadcast(changed)
        }
    }

    /// Lines that were not written.
    var droppedLines: UInt64 { locked { dropped } }

    // MARK: - The writing thread

    /// Waits for something to do; reopening comes behind the batches that were there before.
    func next() -> Order {
        locked {
            while batches.isEmpty, !wantsReopening, !isClosing { pthread_cond_wait(changed, mutex) }
            if !batches.isEmpty {
                let due = batches
                batches = []
                return .write(due)
            }
            guard wantsReopening else { return .end }
            wantsReopening = false
            return .reopen
        }
    }

    /// Says what became of a batch.
    func finish(_ batch: LogBatch, isWritten: Bool) {
        locked {
            byteCount -= batch.text.count
            if !isWritten { dropped &+= batch.lineCount }
        }
    }

    /// The thread has ended.
    func noteEnd() {
        locked {
            isDone = true
            pthread_cond_broadcast(changed)
        }
    }

    // MARK: - The owner

    func reopen() {
        locked {
            wantsReopening = true
            pthread_cond_broadcast(changed)
        }
    }

    /// Has the thread end behind what there is, and takes nothing more.
    func close() {
        locked {
            isClosing = true
            pthread_cond_broadcast(changed)
        }
    }

    /// Waits until the thread has ended, so many seconds at most; says whether it has.
    func waitForEnd(seconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += seconds
        return locked {
            while !isDone {
                if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return isDone }
            }
            return true
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
