/// What a server says about trying again, in the trailer `grpc-retry-pushback-ms` (gRFC A6, "Pushback").
enum RetryPushback: Hashable {
    case never
    /// After this many nanoseconds, instead of the policy's wait.
    case after(UInt64)

    /// Reads `1*DIGIT`, milliseconds; anything else, a negative number too, means never.
    init(_ value: UnsafeRawBufferPointer) {
        var milliseconds: UInt64 = 0
        // Ten digits are a hundred days.
        guard (1...10).contains(value.count) else {
            self = .never
            return
        }
        for byte in value {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                self = .never
                return
            }
            milliseconds = milliseconds * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        self = .after(milliseconds * 1_000_000)
    }
}
