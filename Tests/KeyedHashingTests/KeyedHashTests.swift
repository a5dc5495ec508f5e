import Testing

@testable import KeyedHashing

@Suite
struct KeyedHashTests {
    private let hash = KeyedHash()

    private func make(_ first: String, _ second: String = "", by hash: KeyedHash? = nil) -> Digest? {
        Array(first.utf8).withUnsafeBytes { first in
            Array(second.utf8).withUnsafeBytes { (hash ?? self.hash).digest(first, $0) }
        }
    }

    @Test
    func equalPairsHaveEqualDigests() throws {
        let digest = try #require(make("id", "secret"))
        #expect(make("id", "secret") == digest)
        #expect(digest != .zero)
        let again = try #require(make("id", "secret"))
        #expect(digest.equalsInConstantTime(again))
    }

    @Test(arguments: [("i", "dsecret"), ("idsecret", ""), ("", "idsecret"), ("id", "Secret"), ("id", "secret\0")])
    func otherPairsHaveOthers(first: String, second: String) throws {
        let digest = try #require(make("id", "secret"))
        let other = try #require(make(first, second))
        #expect(other != digest)
        #expect(!other.equalsInConstantTime(digest))
    }

    /// Flipping any bit of a digest must show, or the comparison would leave bytes out.
    @Test
    func theComparisonSeesEveryBit() {
        for bit in 0..<256 {
            let flipped = Digest { $0[bit / 8] = 1 << UInt8(bit % 8) }
            #expect(!flipped.equalsInConstantTime(.zero))
            #expect(flipped != .zero)
            #expect(flipped.equalsInConstantTime(flipped))
        }
    }

    @Test
    func anotherKeyGivesAnotherDigest() throws {
        let first = try #require(make("id", "secret"))
        let second = try #require(make("id", "secret", by: KeyedHash()))
        #expect(first != second)
    }

    @Test
    func textsHaveALimit() {
        let longest = String(repeating: "a", count: KeyedHash.maximumTextSize)
        #expect(make(longest, longest) != nil)
        #expect(make(longest + "a") == nil)
        #expect(make("", longest + "a") == nil)
    }

    @Test
    func theKeyDoesNotShow() {
        var text = ""
        dump(hash, to: &text)
        #expect(text == "- \(String(reflecting: hash))\n")
        #expect(Mirror(reflecting: hash).children.isEmpty)
    }
}
