import Testing

@testable import Gateway

@Suite
struct ContentHashTests {
    private func hash(_ content: [UInt8]) -> ContentHash {
        content.withUnsafeBytes { ContentHash(of: $0) }
    }

    @Test
    func noTwoOfManyAreTheSame() {
        var seen: Set<ContentHash> = []
        var count = 0
        // Each length, each single bit, and what differs only by zeros at its end.
        for length in 0...40 {
            let zeros = [UInt8](repeating: 0, count: length)
            seen.insert(hash(zeros))
            count += 1
            for bit in 0..<(length * 8) {
                var content = zeros
                content[bit / 8] |= 1 << UInt8(bit % 8)
                seen.insert(hash(content))
                count += 1
            }
        }
        #expect(seen.count == count)
    }

    @Test
    func halvesDoNotFollowEachOther() {
        var first: Set<UInt64> = []
        var second: Set<UInt64> = []
        for number in 0..<10_000 {
            let hash = hash(Array("{\"id\":\"\(number)\",\"status\":\"RUNNING\"}".utf8))
            first.insert(hash.first)
            second.insert(hash.second)
            #expect(hash.first != hash.second)
        }
        #expect(first.count == 10_000)
        #expect(second.count == 10_000)
    }

    /// A change of one bit changes about half of the bits of each half.
    @Test
    func bitsAreSpread() {
        let content = Array("The quick brown fox jumps over the lazy dog, 0123456789".utf8)
        let original = hash(content)
        var flips = [0, 0]
        for bit in 0..<(content.count * 8) {
            var changed = content
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let hash = hash(changed)
            flips[0] += (hash.first ^ original.first).nonzeroBitCount
            flips[1] += (hash.second ^ original.second).nonzeroBitCount
        }
        for sum in flips {
            let mean = Double(sum) / Double(content.count * 8)
            #expect(mean > 31 && mean < 33)
        }
    }

    /// It does not depend on where the bytes lie.
    @Test(arguments: 0..<16)
    func alignmentIsOfNoMatter(shift: Int) {
        let content = Array("{\"id\":\"65f0c0ffee65f0c0ffee65f0\"}".utf8)
        let shifted = [UInt8](repeating: 7, count: shift) + content
        let moved = shifted.withUnsafeBytes { ContentHash(of: UnsafeRawBufferPointer(rebasing: $0[shift...])) }
        #expect(moved == hash(content))
    }
}
