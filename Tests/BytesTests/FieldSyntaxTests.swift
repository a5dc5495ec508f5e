import Testing

@testable import Bytes

@Suite
struct FieldSyntaxTests {
    @Test
    func tokensAreMadeOfTokenCharacters() {
        let characters = Set(
            "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
        )
        for byte in UInt8.min...UInt8.max {
            #expect(FieldSyntax.isToken([byte]) == characters.contains(byte), "\(byte)")
            #expect(FieldSyntax.isToken([0x61, byte, 0x61]) == characters.contains(byte), "\(byte)")
        }
        #expect(!FieldSyntax.isToken([]))
    }

    @Test(arguments: [
        ("a", "a"), (" a", "a"), ("a ", "a"), ("\t a b \t ", "a b"), ("", ""), (" ", ""), (" \t ", ""),
        ("\ra\r", "\ra\r"),
    ])
    func spacesAndTabsAreTrimmed(text: String, expected: String) {
        let bytes = Array(text.utf8)
        #expect(FieldSyntax.trimmed(bytes).elementsEqual(expected.utf8))
        bytes.withUnsafeBytes { raw in
            let isSame = FieldSyntax.trimmed(raw).elementsEqual(expected.utf8)
            #expect(isSame)
        }
    }
}
