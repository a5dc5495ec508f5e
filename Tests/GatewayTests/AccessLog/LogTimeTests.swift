import Bytes
import Testing

@testable import Gateway

@Suite
struct LogTimeTests {
    private func text(_ format: AccessLogConfiguration.Format, _ times: [Int]) -> [String] {
        var clock = LogTime(format)
        return times.map { time in
            var line = ByteBuffer()
            clock.append(nanoseconds: time, to: &line)
            return String(decoding: line.bytes, as: UTF8.self)
        }
    }

    @Test
    func timesAreInUTC() {
        let times = [0, 999_999_999, 1_000_000_000, 1_795_336_395_000_012_999, 1_795_336_395_999_999_999, 0]
        #expect(
            text(.json, times) == [
                "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.999999Z", "1970-01-01T00:00:01.000000Z",
                "2026-11-22T08:33:15.000012Z", "2026-11-22T08:33:15.999999Z", "1970-01-01T00:00:00.000000Z",
            ]
        )
        #expect(
            text(.common, times).suffix(3) == [
                "22/Nov/2026:08:33:15 +0000", "22/Nov/2026:08:33:15 +0000", "01/Jan/1970:00:00:00 +0000",
            ]
        )
    }

    @Test(arguments: [
        (0, "0.000"), (999, "0.000"), (1_000, "0.001"), (12_345_678, "12.345"), (1_099_000_000, "1099.000"),
        (20_010_000, "20.010"),
    ])
    func millisecondsHaveThreeDecimals(nanoseconds: UInt64, text: String) {
        var line = ByteBuffer()
        line.appendMilliseconds(nanoseconds)
        #expect(String(decoding: line.bytes, as: UTF8.self) == text)
    }

    @Test(arguments: [0, 9, 10, 12_345, UInt64.max])
    func numbersAreDecimal(value: UInt64) {
        var line = ByteBuffer()
        line.appendDecimal(value)
        #expect(String(decoding: line.bytes, as: UTF8.self) == "\(value)")
    }
}
