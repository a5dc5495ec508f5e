/// A moment on the monotonic clock, in nanoseconds; what a call must be done by.
package struct Deadline: Hashable, Comparable, Sendable {
    package let nanoseconds: UInt64

    @inlinable
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// No deadline at all.
    package static let never = Deadline(nanoseconds: .max)

    @inlinable
    package static func < (left: Deadline, right: Deadline) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The deadline `nanoseconds` later, ``never`` where that does not fit.
    @inlinable
    package func advanced(by nanoseconds: UInt64) -> Deadline {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return overflow ? .never : Deadline(nanoseconds: sum)
    }

    /// Nanoseconds from `now` to the deadline, 0 once it has passed.
    @inlinable
    package func remaining(at now: Deadline) -> UInt64 {
        nanoseconds > now.nanoseconds ? nanoseconds - now.nanoseconds : 0
    }
}
