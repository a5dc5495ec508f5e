/// A 128-bit hash of content, the same on every machine and in every release that names it the same.
///
/// Not cryptographic: it tells apart what differs by chance, not what somebody has made to look the same, which would
/// gain them no more than a stale answer to themselves. It is not keyed, so that the gateways behind one load balancer
/// agree on it.
///
/// Two lanes take in each word of eight bytes, little-endian, the last one filled up with zeros. A lane's step is a
/// bijection of its state for a given word, and of the word for a given state, so that contents which differ in one word
/// never have the same hash. The length is mixed in at the end, by a finalizer that is a bijection too (SplitMix64's).
struct ContentHash: Hashable {
    let first: UInt64
    let second: UInt64

    init(of content: UnsafeRawBufferPointer) {
        var first: UInt64 = 0x2545_F491_4F6C_DD1D
        var second: UInt64 = 0x9E37_79B9_7F4A_7C15
        if let start = content.baseAddress {
            // Unchecked, as the checks would be half of the work: each read ends at or before `whole`.
            let whole = content.count & ~7
            var offset = 0
            while offset != whole {
                let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ContentHash.step(&first, &second, UInt64(littleEndian: word))
                offset &+= 8
            }
        }
        let rest = content.count & 7
        if rest > 0 {
            var word: UInt64 = 0
            for (place, byte) in content.suffix(rest).enumerated() { word |= UInt64(byte) << UInt64(place * 8) }
            ContentHash.step(&first, &second, word)
        }
        let length = UInt64(truncatingIfNeeded: content.count)
        self.first = ContentHash.mix(first ^ length)
        self.second = ContentHash.mix(second &+ length)
    }

    @inline(__always)
    private static func step(_ first: inout UInt64, _ second: inout UInt64, _ word: UInt64) {
        // Odd factors are invertible modulo 2⁶⁴. A product's high bits depend on all bits below them, the rotation
        // and the shift bring them down again.
        first = (first ^ word) &* 0xD6E8_FEB8_6659_FD93
        first = first << 29 | first >> 35
        second = (second &+ word) &* 0xA076_1D64_78BD_642F
        second ^= second >> 32
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
