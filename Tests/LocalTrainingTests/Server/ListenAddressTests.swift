import LocalTraining
import Testing

@Suite struct ListenAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1:50051", "127.0.0.1:50051"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("localhost:1", "127.0.0.1:1"),
            ("[::1]:65535", "[::1]:65535"),
        ]
    )
    func reads(_ text: String, _ expected: String) {
        #expect(ListenAddress(text)?.description == expected)
    }

    @Test(
        arguments: [
            "", ":", "127.0.0.1", "127.0.0.1:", ":50051", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "1.2.3:4",
            "::1:50051", "[::1:50051", "[::1]50051", "[127.0.0.1]:1", "example.com:1", "127.0.0.1:1 ", "unix:/tmp/x",
        ]
    )
    func refuses(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
