import LocalTraining
import Testing

@Suite struct Base64URLTests {
    @Test(
        arguments: [
            ([], ""), ([0], "AA"), ([0xFF], "_w"), ([0xFB, 0xFF], "-_8"), ([0x66, 0x6F, 0x6F], "Zm9v"),
            ([0x66, 0x6F, 0x6F, 0x62], "Zm9vYg"),
        ] as [([UInt8], String)]
    )
    func writesAndReads(_ bytes: [UInt8], _ text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test func bringsAllBytesBack() {
        for count in 0..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    /// Padding, the other alphabet, white space, impossible lengths, and bits that say nothing but are not 0.
    @Test(arguments: ["AA==", "+w", "/w", "A", "AAAAA", "Zm9v ", " Zm9v", "Zm\n9v", "é", "AB", "AAB", "_x", "\0"])
    func refuses(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
