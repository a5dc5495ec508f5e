/// A 128-bit hash of content, the same on every machine and in every release that names it the same.
///
/// Not cryptographic: it tells apart what differs by chance, not what somebody has made to look the same, which would
/// gain them no more than a stale answer to themselves. It is not keyed, so that the gateways behind one load balancer
/// agree on it.
///
/// Four lanes take in a word of eight bytes each, little-endian, in turn, so that the processor works on all of them at
/// once; behind the last whole turn zeros fill up. A lane's step is a bijection of its state for a given word, and of the
/// word for a given state. Each half of the hash is made of all lanes, and is a bijection of each of them while the others
/// stay as they are, so that contents which differ in one word never have the same hash. The length is mixed in at the
/// end, by a finalizer that is a bijection too (SplitMix64's).
struct ContentHash: Hashable {
    let first: UInt64
    let second: UInt64

    init(of content: UnsafeRawBufferPointer) {
        var lanes = Lanes()
        if let start = content.baseAddress {
            // Unchecked, as the checks would be half of the work: each read ends at or before `whole`.
            let whole = content.count & ~31
            var offset = 0
            while offset != whole {
                lanes.take(start + offset)
                offset &+= 32
            }
            let rest = content.count & 31
            if rest > 0 {
                withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { last in
                    last.initializeMemory(as: UInt8.self, repeating: 0)
                    last.copyMemory(from: UnsafeRawBufferPointer(start: start + whole, count: rest))
                    if let words = last.baseAddress { lanes.take(words) }
                }
            }
        }
        (first, second) = lanes.finish(length: UInt64(truncatingIfNeeded: content.count))
    }

    private struct Lanes {
        var a: UInt64 = 0x2545_F491_4F6C_DD1D
        var b: UInt64 = 0x9E37_79B9_7F4A_7C15
        var c: UInt64 = 0xA076_1D64_78BD_642F
        var d: UInt64 = 0xE703_7ED1_A0B4_28DB

        /// Takes in 32 bytes.
        @inline(__always)
        mutating func take(_ words: UnsafeRawPointer) {
            Lanes.step(&a, words.loadUnaligned(as: UInt64.self))
            Lanes.step(&b, words.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            Lanes.step(&c, words.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            Lanes.step(&d, words.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }

        @inline(__always)
        private static func step(_ lane: inout UInt64, _ word: UInt64) {
            // An odd factor is invertible modulo 2⁶⁴. A product's high bits depend on all bits below them, the rotation
            // brings them down again.
            lane = (lane ^ UInt64(littleEndian: word)) &* 0xD6E8_FEB8_6659_FD93
            lane = Lanes.rotate(lane, 29)
        }

        func finish(length: UInt64) -> (UInt64, UInt64) {
            let first = Lanes.mix(a &+ length) ^ Lanes.mix(b) &* 3 ^ Lanes.mix(c) &* 5 ^ Lanes.mix(d) &* 7
            let second = Lanes.rotate(a, 7) &+ Lanes.rotate(b, 19) &+ Lanes.rotate(c, 37) &+ Lanes.rotate(d, 53) &+ length
            return (Lanes.mix(first), Lanes.mix(second))
        }

        @inline(__always)
        private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
            value << count | value >> (64 &- count)
        }

        @inline(__always)
        private static func mix(_ value: UInt64) -> UInt64 {
            var mixed = value
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
