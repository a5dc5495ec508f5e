/// The text of a `google.protobuf.Timestamp`.
enum TimestampText {
    /// Seconds since 1970 and nanoseconds of an RFC 3339 date and time with `Z` or an offset; nil if it is not one.
    ///
    ///     YYYY "-" MM "-" DD "T" hh ":" mm ":" ss [ "." 1*9DIGIT ] ( "Z" / ( "+" / "-" ) hh ":" mm )
    ///
    /// ProtoJSON takes capital letters only, and years 1 to 9999 in UTC.
    static func parse(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let year = digits(text, 0, 4), let month = digits(text, 5, 2), let day = digits(text, 8, 2),
            let hour = digits(text, 11, 2), let minute = digits(text, 14, 2), let second = digits(text, 17, 2)
        else { return nil }
        let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        guard time.isValid else { return nil }
        var index = 19
        guard let nanos = fraction(text, &index) else { return nil }
        var seconds = time.secondsSince1970
        guard index < text.count else { return nil }
        switch text[index] {
        case UInt8(ascii: "Z"): index += 1
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard index + 6 <= text.count, text[index + 3] == UInt8(ascii: ":"),
                let hours = digits(text, index + 1, 2), let minutes = digits(text, index + 4, 2),
                hours < 24, minutes < 60
            else { return nil }
            let offset = hours * 3600 + minutes * 60
            seconds += text[index] == UInt8(ascii: "+") ? -offset : offset
            index += 6
        default: return nil
        }
        guard index == text.count, CivilTime.validSeconds.contains(seconds) else { return nil }
        return (seconds, nanos)
    }

    private static func digits(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for index in start..<start + count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    /// Nanoseconds of `.` and one to nine digits at `index`, 0 where there is no point; nil for a bad fraction.
    static func fraction(_ text: UnsafeRawBufferPointer, _ index: inout Int) -> Int32? {
        guard index < text.count, text[index] == UInt8(ascii: ".") else { return 0 }
        index += 1
        var nanos: Int32 = 0
        var count = 0
        while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
            guard count < 9 else { return nil }
            nanos = nanos * 10 + Int32(text[index] &- UInt8(ascii: "0"))
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        while count < 9 {
            nanos *= 10
            count += 1
        }
        return nanos
    }
}
