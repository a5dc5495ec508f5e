import Glibc

/// A moment on `CLOCK_MONOTONIC`, in nanoseconds.
package struct MonotonicTime: Comparable, Sendable {
    package let nanoseconds: Int64

    package static var now: MonotonicTime {
        var time = Glibc.timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package func advanced(by duration: Duration) -> MonotonicTime {
        let parts = duration.components
        let added = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
        return MonotonicTime(nanoseconds: nanoseconds + added)
    }

    /// Milliseconds from now on, rounded up, 0 once it has passed: a timeout for `poll` and `epoll_wait`.
    package var millisecondsLeft: Int32 {
        let left = nanoseconds - MonotonicTime.now.nanoseconds
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }

    var timespec: Glibc.timespec {
        Glibc.timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
