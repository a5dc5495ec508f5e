/// Builds open-addressing tables of names into one array of slots.
struct NameTableBuilder {
    private(set) var slots: [NameSlot] = []

    /// Files `names` and says where their table starts and how its hashes are masked.
    ///
    /// Of two equal names the first wins. The table is at most half full.
    mutating func add(_ names: [(name: String, value: Int32)], text: inout TextTable) -> (start: Int32, mask: UInt32) {
        var size = 2
        while size < names.count * 2 + 1 { size *= 2 }
        let mask = UInt32(size - 1)
        var table = [NameSlot](repeating: .empty, count: size)
        for (name, value) in names {
            let range = text.intern(name)
            let hash = Array(name.utf8).withUnsafeBytes { NameSlot.hash($0) }
            var place = Int(hash & mask)
            var isKnown = false
            while !table[place].isEmpty {
                // Interned, so equal names have equal ranges.
                if table[place].name == range { isKnown = true }
                place = (place + 1) & Int(mask)
            }
            if !isKnown { table[place] = NameSlot(hash: hash, value: value, name: range) }
        }
        let start = Int32(slots.count)
        slots += table
        return (start, mask)
    }
}
