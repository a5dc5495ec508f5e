import Gateway
import Testing

@Suite
struct RequestIDGeneratorTests {
    @Test
    func idsAreDistinctAndHexadecimal() {
        var first = RequestIDGenerator()
        var second = RequestIDGenerator()
        var seen: Set<String> = []
        for _ in 0..<1000 {
            seen.insert(first.next())
            seen.insert(second.next())
        }
        #expect(seen.count == 2000)
        #expect(seen.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test(arguments: [
        ("a", true), ("1b4e28ba-2fa1-11d2", true), (String(repeating: "x", count: 128), true), ("", false),
        (String(repeating: "x", count: 129), false), ("a b", false), ("a\u{7F}", false), ("ü", false),
    ])
    func passesOnlyHarmlessIDs(id: String, isAcceptable: Bool) {
        #expect(Array(id.utf8).withUnsafeBytes(RequestIDGenerator.isAcceptable) == isAcceptable)
    }
}
