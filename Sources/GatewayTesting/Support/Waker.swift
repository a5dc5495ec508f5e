internal import CLinux
import Glibc

/// Wakes a thread that sleeps in ``Poller/wait(until:_:)``; callable from any thread.
final class Waker: Sendable {
    /// An eventfd, owned here.
    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if descriptor < 0 { throw SystemError("eventfd") }
    }

    deinit {
        close(descriptor)
    }

    func wake() {
        eventfd_write(descriptor, 1)
    }

    /// Forgets the wake-ups so far.
    func drain() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
