/// A slot in the open-addressing tables that find fields and enum values by name.
@usableFromInline
package struct NameSlot: BitwiseCopyable, Sendable {
    @usableFromInline package let hash: UInt32
    /// Field index or enum number, as the table has it.
    @usableFromInline package let value: Int32
    /// The name itself; `offset` is `UInt32.max` in an empty slot.
    @usableFromInline package let name: TextRange

    @inlinable
    package init(hash: UInt32, value: Int32, name: TextRange) {
        self.hash = hash
        self.value = value
        self.name = name
    }

    static let empty = NameSlot(hash: 0, value: -1, name: TextRange(offset: .max, count: 0))

    @inlinable
    package var isEmpty: Bool { name.offset == .max }

    /// The hash under which a name is filed.
    ///
    /// Unseeded: the tables are fixed when the schema is compiled, so keys of an attacker cannot grow them, and a
    /// lookup never probes further than the longest run that the schema itself has.
    @inlinable
    package static func hash(_ name: UnsafeRawBufferPointer) -> UInt32 {
        guard let start = name.baseAddress else { return 0 }
        let count = name.count
        var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        if count >= 8 {
            var offset = 0
            while offset &+ 8 <= count {
                hash = mix(hash, start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset &+= 8
            }
            // The last eight bytes, which may overlap what was read before.
            hash = mix(hash, start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        } else if count >= 4 {
            let low = start.loadUnaligned(as: UInt32.self)
            let high = start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            hash = mix(hash, UInt64(low) | UInt64(high) &<< 32)
        } else {
            var word: UInt64 = 0
            for offset in 0..<count {
                word = word &<< 8 | UInt64(start.load(fromByteOffset: offset, as: UInt8.self))
            }
            hash = mix(hash, word)
        }
        return UInt32(truncatingIfNeeded: hash ^ hash &>> 32)
    }

    @inlinable
    package static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0xD6E8_FEB8_6659_FD93
        return product ^ product &>> 32
    }
}
