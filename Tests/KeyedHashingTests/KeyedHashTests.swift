import Testing

@testable import KeyedHashing

@Suite
struct KeyedHashTests {
    private let hash = KeyedHash()

    private func digest(_ first: String, _ second: String = "", by hash: KeyedHash? = nil) -> Digest? {
        Array(first.utf8).withUnsafeBytes { first in
            Array(second.utf8).withUnsafeBytes { (hash ?? self.hash).digest(first, $0) }
        }
    }

    @Test
    func equalPairsHaveEqualDigests() throws {
        let digest = try #require(digest("id", "secret"))
        #expect(self.digest("id", "secret") == digest)
        #expect(digest != .zero)
        #expect(try digest.equalsInConstantTime(#require(self.digest("id", "secret"))))
    }

    @Test(arguments: [("i", "dsecret"), ("idsecret", ""), ("", "idsecret"), ("id", "Secret"), ("id", "secret\0")])
    func otherPairsHaveOthers(first: String, second: String) throws {
        let digest = try #require(digest("id", "secret"))
        let other = try #require(self.digest(first, second))
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
        #expect(try #require(digest("id", "secret")) != #require(digest("id", "secret", by: KeyedHash())))
    }

    @Test
    func textsHaveALimit() {
        let longest = String(repeating: "a", count: KeyedHash.maximumTextSize)
        #expect(digest(longest, longest) != nil)
        #expect(digest(longest + "a") == nil)
        #expect(digest("", longest + "a") == nil)
    }

    @Test
    func theKeyDoesNotShow() {
        var text = ""
        dump(hash, to: &text)
        #expect(text == "- \(String(reflecting: hash))\n")
        #expect(Mirror(reflecting: hash).children.isEmpty)
    }
}
