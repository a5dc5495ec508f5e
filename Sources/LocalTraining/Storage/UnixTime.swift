package import GRDB
import Glibc

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z: as precise as the service's answers.
package struct UnixTime: Hashable, Comparable, Codable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: UnixTime, right: UnixTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The time of day, as the operating system tells it.
    package static func systemNow() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Stored as an INTEGER.
extension UnixTime: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue {
        milliseconds.databaseValue
    }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> UnixTime? {
        Int64.fromDatabaseValue(value).map(UnixTime.init(milliseconds:))
    }
}
