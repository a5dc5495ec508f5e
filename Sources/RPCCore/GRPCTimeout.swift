/// The value of `grpc-timeout` and of a client's `Grpc-Timeout` (PROTOCOL-HTTP2, "Timeout").
///
/// Grammar: `Timeout = TimeoutValue TimeoutUnit`, `TimeoutValue = 1*8DIGIT`, `TimeoutUnit = "H" / "M" / "S" / "m" /
/// "u" / "n"`. Nothing else is accepted: no sign, no white space, no fraction.
package enum GRPCTimeout {
    /// The most bytes that ``encode(_:into:)`` writes: eight digits and a unit.
    package static let maximumLength = 9

    /// Nanoseconds, at most `UInt64.max`, which stands for "longer than anyone waits"; nil if malformed.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard (2...maximumLength).contains(bytes.count) else { return nil }
        var value: UInt64 = 0
        for byte in bytes.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        guard let scale = nanoseconds(ofUnit: bytes[bytes.count - 1]) else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: scale)
        return overflow ? .max : product
    }

    /// Writes the shortest wait that is not below `nanoseconds` and says how many bytes it took.
    ///
    /// Under a second it counts in microseconds, above in milliseconds: finer digits would only keep HPACK from
    /// finding the value in its table. A call whose time is up still gets one microsecond, as 0 means nothing here.
    /// `buffer` must hold ``maximumLength`` bytes.
    package static func encode(_ nanoseconds: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        precondition(buffer.count >= maximumLength)
        let (value, unit) = rounded(nanoseconds)
        var digits = 1
        var power: UInt64 = 10
        while value >= power {
            digits += 1
            power *= 10
        }
        var rest = value
        for index in stride(from: digits - 1, through: 0, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        buffer[digits] = unit
        return digits + 1
    }

    private static let largestValue: UInt64 = 99_999_999

    private static func rounded(_ nanoseconds: UInt64) -> (value: UInt64, unit: UInt8) {
        if nanoseconds < 1_000_000_000 { return (max(1, roundedUp(nanoseconds, by: 1000)), UInt8(ascii: "u")) }
        let milliseconds = roundedUp(nanoseconds, by: 1_000_000)
        if milliseconds <= largestValue { return (milliseconds, UInt8(ascii: "m")) }
        let seconds = roundedUp(nanoseconds, by: 1_000_000_000)
        if seconds <= largestValue { return (seconds, UInt8(ascii: "S")) }
        // UInt64.max nanoseconds are five million hours, so the hours always fit.
        return (roundedUp(nanoseconds, by: 3_600_000_000_000), UInt8(ascii: "H"))
    }

    private static func roundedUp(_ value: UInt64, by divisor: UInt64) -> UInt64 {
        value / divisor + (value % divisor == 0 ? 0 : 1)
    }

    private static func nanoseconds(ofUnit unit: UInt8) -> UInt64? {
        switch unit {
        case UInt8(ascii: "n"): 1
        case UInt8(ascii: "u"): 1000
        case UInt8(ascii: "m"): 1_000_000
        case UInt8(ascii: "S"): 1_000_000_000
        case UInt8(ascii: "M"): 60_000_000_000
        case UInt8(ascii: "H"): 3_600_000_000_000
        default: nil
        }
    }
}
