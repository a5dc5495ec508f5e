import EventLoop
import Testing

@testable import GRPCChannel

@Suite
struct AddressOrderTests {
    @Test(arguments: [
        ("", ""), ("4", "4"), ("6a 6b 4a 4b", "6a 4a 6b 4b"), ("4a 6a 6b 6c", "4a 6a 6b 6c"),
        ("6a 6b 6c 4a", "6a 4a 6b 6c"), ("4a 4b 6a", "4a 6a 4b"),
    ])
    func familiesTakeTurns(given: String, expected: String) throws {
        #expect(try addresses(given).interleavedByFamily == addresses(expected))
    }

    /// `6b` stands for the IPv6 address `::b`, `4b` for `127.0.0.11`.
    private func addresses(_ text: String) throws -> [SocketAddress] {
        try text.split(separator: " ").map { word in
            let digit = word.dropFirst()
            let host = word.hasPrefix("6") ? "::\(digit)" : "127.0.0.\(Int(digit, radix: 16) ?? 1)"
            return try #require(SocketAddress(literal: host, port: 1))
        }
    }
}
