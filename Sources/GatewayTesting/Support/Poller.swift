internal import CLinux
import Glibc

/// An epoll set for one thread, level-triggered, with an integer token for each descriptor.
struct Poller: ~Copyable {
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let read = Interest(rawValue: EPOLLIN.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
    }

    private static let batch = 64
    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        if descriptor < 0 { throw SystemError("epoll_create1") }
        events = .allocate(capacity: Poller.batch)
    }

    deinit {
        events.deallocate()
        close(descriptor)
    }

    func add(_ watched: Int32, _ interest: Interest, token: UInt64) {
        control(EPOLL_CTL_ADD, watched, interest, token)
    }

    func change(_ watched: Int32, _ interest: Interest, token: UInt64) {
        control(EPOLL_CTL_MOD, watched, interest, token)
    }

    func remove(_ watched: Int32) {
        control(EPOLL_CTL_DEL, watched, [], 0)
    }

    /// Sleeps until something is ready or `deadline` has come, then calls `body` with each ready token.
    ///
    /// Errors and hang-ups count as readable, so that the next read sees them.
    func wait(until deadline: MonotonicTime?, _ body: (_ token: UInt64, _ ready: Interest) -> Void) {
        let count = epoll_wait(descriptor, events, Int32(Poller.batch), deadline?.millisecondsLeft ?? -1)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            var ready = Interest(rawValue: events[index].events)
            if events[index].events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { ready.insert(.read) }
            body(events[index].data.u64, ready)
        }
    }

    private func control(_ operation: Int32, _ watched: Int32, _ interest: Interest, _ token: UInt64) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        epoll_ctl(descriptor, operation, watched, &event)
    }
}
