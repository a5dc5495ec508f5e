/// A 128-bit hash of content, the same on every machine and in every release that names it the same.
///
/// Not cryptographic: it tells apart what differs by chance, not what somebody has made to look the same, which would
/// gain them no more than a stale answer to themselves. It is not keyed, so that the gateways behind one load balancer
/// agree on it.
///
/// Four lanes take in a word of eight bytes each, little-endian, in turn, so that the processor works on all of them at
/// once; behind the last whole turn zeros fill up. A lane has two states, and each one's step is a bijection of it for a
/// given word, and of the word for a given state. Each half of the hash is made of one state of all lanes, and is a bijection
/// of each while the others stay as they are, so that contents which differ in one word never have the same hash. The
/// length is mixed in at the end, by a finalizer that is a bijection too (SplitMix64's).
struct ContentHash: Hashable {
    let first: UInt64
    let second: UInt64

    init(of content: UnsafeRawBufferPointer) {
        var (a, b, c, d) = (Lane(), Lane(), Lane(), Lane())
        @inline(__always)
        func take(_ words: UnsafeRawPointer) {
            a.take(words.loadUnaligned(as: UInt64.self))
            b.take(words.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            c.take(words.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            d.take(words.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
        if let start = content.baseAddress {
            // Unchecked, as the checks would be half of the work: each read ends at or before `whole`.
            let whole = content.count & ~31
            var offset = 0
            while offset != whole {
                take(start + offset)
                offset &+= 32
            }
            let rest = content.count & 31
            if rest > 0 {
                withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { last in
                    last.initializeMemory(as: UInt8.self, repeating: 0)
                    last.copyMemory(from: UnsafeRawBufferPointer(start: start + whole, count: rest))
                    if let words = last.baseAddress { take(words) }
                }
            }
        }
        let length = UInt64(truncatingIfNeeded: content.count)
        first = ContentHash.combine(a.first, b.first, c.first, d.first, length)
        second = ContentHash.combine(a.second, b.second, c.second, d.second, length)
    }

    private struct Lane {
        private(set) var first: UInt64 = 0x2545_F491_4F6C_DD1D
        private(set) var second: UInt64 = 0x9E37_79B9_7F4A_7C15

        @inline(__always)
        mutating func take(_ littleEndian: UInt64) {
            let word = UInt64(littleEndian: littleEndian)
            // Odd factors are invertible modulo 2⁶⁴. A product's high bits depend on all bits below them, the rotation
            // and the shift bring them down again.
            first = (first ^ word) &* 0xD6E8_FEB8_6659_FD93
            first = first << 29 | first >> 35
            second = (second &+ word) &* 0xA076_1D64_78BD_642F
            second ^= second >> 32
        }
    }

    /// Each lane's state in turn, as if it were one more word; so their order counts.
    private static func combine(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64, _ length: UInt64) -> UInt64 {
        mix(mix(mix(mix(a &+ length) ^ b) ^ c) ^ d)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
