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

    private func decodeFirst(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { BinaryMetadata.decodeFirst($0) }
    }

    private func decode(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { BinaryMetadata.decode($0) }
    }
}
