import RPCCore
import Testing

@Suite
struct BinaryMetadataTests {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
        ("Zm9vYg", "foob"),
    ])
    func paddedOrNot(encoded: String, decoded: String) {
        #expect(decode(encoded) == Array(decoded.utf8))
    }

    @Test
    func theWholeAlphabet() {
        #expect(decode("+/+/") == [0xfb, 0xff, 0xbf])
    }

    /// Each byte there is, in each place of a group of four.
    @Test
    func nothingButTheAlphabet() {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min...UInt8.max {
            for place in 0..<4 {
                var group = Array("AAAA".utf8)
                group[place] = byte
                let decoded = group.withUnsafeBytes { BinaryMetadata.decode($0) }
                guard let value = letters.firstIndex(of: byte) else {
                    // At the end it pads.
                    #expect(decoded == nil || byte == UInt8(ascii: "=") && place == 3, "\(byte) at \(place)")
                    continue
                }
                let bits = UInt32(value) << UInt32(18 - 6 * place)
                let expected = [16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
                #expect(decoded == expected, "\(byte) at \(place)")
            }
        }
    }

    @Test(arguments: ["Z", "Zm9vY", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm-_", "Zm 9", "Zm9v\n", "Z=g="])
    func malformed(encoded: String) {
        #expect(decode(encoded) == nil)
    }

    @Test(arguments: [
        ("Zg==,Zm8=", "f"), ("Zg,Zm8", "f"), (" Zg== \t, Zm8=", "f"), (",Zg", "f"), ("!,Z,Zm9v", "foo"), ("Zg", "f"),
    ])
    func theFirstOfSeveral(joined: String, decoded: String) {
        #expect(decodeFirst(joined) == Array(decoded.utf8))
    }

    @Test(arguments: ["", ",", " , ", "!", "Z,====", "Zg Zg"])
    func noneOfSeveral(joined: String) {
        #expect(decodeFirst(joined) == nil)
    }

    @Test(arguments: [
        ([UInt8](), "", ""), ([0x66], "Zg", "Zg=="), ([0x66, 0x6F], "Zm8", "Zm8="),
        ([0x66, 0x6F, 0x6F], "Zm9v", "Zm9v"),
        ([0xFB, 0xFF, 0xBF, 0], "+/+/AA", "+/+/AA=="),
    ])
    func encoding(bytes: [UInt8], text: String, padded: String) {
        #expect(BinaryMetadata.encode(bytes, isPadded: false) == text)
        #expect(BinaryMetadata.encode(bytes, isPadded: true) == padded)
    }

    @Test
    func whatIsEncodedIsDecoded() {
        for count in 0..<64 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
            #expect(decode(BinaryMetadata.encode(bytes, isPadded: true)) == bytes)
            #expect(decode(BinaryMetadata.encode(bytes, isPadded: false)) == bytes)
        }
    }

    @Test(arguments: [
        ("", [""]), ("Zg", ["Zg"]), ("Zg,Zm8=", ["Zg", "Zm8="]), (" Zg== ,\t,Zm8 ", ["Zg==", "Zm8"]), (",", []),
        (",Zg,", ["Zg"]),
    ])
    func eachOfSeveral(joined: String, values: [String]) {
        var found: [String] = []
        Array(joined.utf8).withUnsafeBytes { bytes in
            BinaryMetadata.forEachValue(in: bytes) { found.append(String(decoding: $0, as: UTF8.self)) }
        }
        #expect(found == values)
    }

    private func decodeFirst(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { BinaryMetadata.decodeFirst($0) }
    }

    private func decode(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { BinaryMetadata.decode($0) }
    }
}
