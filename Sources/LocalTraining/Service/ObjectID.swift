/// Ids as Viam's jobs have them: 24 hexadecimal digits, of which the first 8 are the time in seconds.
package enum ObjectID {
    package static func make(at time: UnixTime) -> String {
        var random = SystemRandomNumberGenerator()
        let seconds = UInt32(truncatingIfNeeded: time.milliseconds / 1000)
        return hex(seconds) + hex(random.next() as UInt64)
    }

    private static func hex<Number: FixedWidthInteger>(_ number: Number) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: Number.bitWidth / 4 - text.utf8.count) + text
    }
}
