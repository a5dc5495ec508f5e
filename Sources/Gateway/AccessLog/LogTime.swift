internal import Bytes
internal import Glibc

/// Wall-clock times as text, in UTC; the second's text is made once for all lines of it.
struct LogTime: ~Copyable {
    private var second = time_t.min
    private var text = ByteBuffer(capacity: 32)
    private let format: AccessLogConfiguration.Format

    init(_ format: AccessLogConfiguration.Format) {
        self.format = format
    }

    /// Appends the time so many nanoseconds before now: `2026-11-22T08:33:15.123456Z` (RFC 3339), or
    /// `22/Nov/2026:08:33:15 +0000` for the common log format.
    mutating func append(nanosecondsAgo age: UInt64, to line: inout ByteBuffer) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = Int(now.tv_sec) * 1_000_000_000 + now.tv_nsec - Int(clamping: age)
        append(nanoseconds: max(0, nanoseconds), to: &line)
    }

    /// The same of a time since 1970.
    mutating func append(nanoseconds: Int, to line: inout ByteBuffer) {
        let seconds = nanoseconds / 1_000_000_000
        if seconds != second { prepare(seconds) }
        line.append(contentsOf: text.bytes)
        guard format == .json else { return }
        var fraction = nanoseconds % 1_000_000_000 / 1_000
        line.appendUnsafe(8) { start in
            start[0] = UInt8(ascii: ".")
            for place in stride(from: 6, to: 0, by: -1) {
                start[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction % 10)
                fraction /= 10
            }
            start[7] = UInt8(ascii: "Z")
            return 8
        }
    }

    private mutating func prepare(_ seconds: Int) {
        second = seconds
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        text.truncate(to: 0)
        // The names of months are those of the C locale, which the process is in.
        let pattern = format == .json ? "%Y-%m-%dT%H:%M:%S" : "%d/%b/%Y:%H:%M:%S +0000"
        text.appendUnsafe(64) { start in
            start.withMemoryRebound(to: CChar.self, capacity: 64) { strftime($0, 64, pattern, &parts) }
        }
    }
}
