import RPCCore
import Testing

@Suite
struct GRPCMessageTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("a%20b", "a b"), ("%E2%82%AC", "€"), ("%e2%82%ac", "€"), ("100%", "100%"),
        ("100%2", "100%2"), ("%zz", "%zz"), ("%2", "%2"), ("%%41", "%A"), ("%FF", "\u{FFFD}"), ("%00", "\0"),
        ("%25%32%35", "%25"), ("%4", "%4"), ("%g1%41", "%g1A"),
    ])
    func decodingNeverFails(encoded: String, decoded: String) {
        #expect(Array(encoded.utf8).withUnsafeBytes { GRPCMessage.decode($0) } == decoded)
    }

    @Test
    func bytesThatAreNotUTF8AreRepaired() {
        let bytes: [UInt8] = [0x61, 0xff, 0x62]
        #expect(bytes.withUnsafeBytes { GRPCMessage.decode($0) } == "a\u{FFFD}b")
    }
}
