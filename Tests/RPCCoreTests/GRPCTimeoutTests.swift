import RPCCore
import Testing

@Suite
struct GRPCTimeoutTests {
    @Test(
        arguments: [
            ("1n", 1), ("1u", 1000), ("1m", 1_000_000), ("2S", 2_000_000_000), ("3M", 180_000_000_000),
            ("1H", 3_600_000_000_000), ("0S", 0), ("00000001S", 1_000_000_000), ("99999999n", 99_999_999),
            ("99999999M", 5_999_999_940_000_000_000), ("99999999H", UInt64.max),
        ] as [(String, UInt64)]
    )
    func wellFormed(text: String, nanoseconds: UInt64) {
        #expect(parse(text) == nanoseconds)
    }

    @Test(arguments: [
        "", "S", "1", "-5S", "+5S", " 5S", "5S ", "5 S", "1.5S", "5s", "5h", "123456789S", "5SS", "٣S", "0x1S", "5\0",
    ])
    func malformed(text: String) {
        #expect(parse(text) == nil)
    }

    @Test(
        arguments: [
            (0, "1u"), (1, "1u"), (1000, "1u"), (1001, "2u"), (999_999_999, "1000000u"), (1_000_000_000, "1000m"),
            (15_000_000_000, "15000m"), (15_000_000_001, "15001m"), (99_999_999_000_000, "99999999m"),
            (99_999_999_000_001, "100000S"), (100_000_000_000_000_000, "27778H"), (UInt64.max, "5124096H"),
        ] as [(UInt64, String)]
    )
    func encodedRoundedUp(nanoseconds: UInt64, text: String) {
        let encoded = withUnsafeTemporaryAllocation(byteCount: GRPCTimeout.maximumLength, alignment: 1) { buffer in
            let count = GRPCTimeout.encode(nanoseconds, into: buffer)
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
        #expect(encoded == text)
        #expect(encoded.utf8.count <= GRPCTimeout.maximumLength)
        #expect(parse(encoded).map { $0 >= nanoseconds } == true)
    }

    private func parse(_ text: String) -> UInt64? {
        Array(text.utf8).withUnsafeBytes { GRPCTimeout.parse($0) }
    }
}
