/// The text of a `google.protobuf.Duration`.
enum DurationText {
    /// Seconds and nanoseconds, of one sign, of `["-"] 1*DIGIT ["." 1*9DIGIT] "s"`; nil if it is not that or too long.
    static func parse(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index = 1 }
        var seconds: Int64 = 0
        let first = index
        while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
            seconds = seconds * 10 + Int64(text[index] &- UInt8(ascii: "0"))
            // About 10,000 years (duration.proto).
            guard seconds <= 315_576_000_000 else { return nil }
            index += 1
        }
        guard index > first, let nanos = TimestampText.fraction(text, &index), index + 1 == text.count,
            text[index] == UInt8(ascii: "s")
        else { return nil }
        return isNegative ? (-seconds, -nanos) : (seconds, nanos)
    }
}
