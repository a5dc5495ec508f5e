import Bytes
import Testing

@Suite
struct LiteralTests {
    @Test(arguments: [
        ("", false, false), ("G", false, false), ("GET", true, true), ("GETS", false, true), ("get", false, false),
        ("PUT", false, false),
    ])
    func comparesBytes(text: String, isGet: Bool, startsWithGet: Bool) {
        Array(text.utf8).withUnsafeBytes { bytes in
            #expect(bytes.equals("GET") == isGet)
            #expect(bytes.hasPrefix("GET") == startsWithGet)
            #expect(bytes.hasPrefix(""))
            #expect(bytes.equals("") == text.isEmpty)
        }
    }

    @Test
    func nothingIsEqualToNothing() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(nothing.equals("") && nothing.hasPrefix("") && !nothing.equals("a") && !nothing.hasPrefix("a"))
    }
}
