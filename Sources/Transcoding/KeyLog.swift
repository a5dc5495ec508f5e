import Bytes
import Glibc
import ProtobufSchema

/// The keys of the maps that are being written, to find those that occur twice.
///
/// A key is remembered as a piece of the output and compared when its map ends. Few keys are compared with each other,
/// many are sorted, so that neither a million keys nor keys made to collide cost more than n log n.
struct KeyLog: ~Copyable {
    struct Entry: BitwiseCopyable {
        var hash: UInt64
        var offset: Int
        var count: Int
        /// Whether a later entry has the same key.
        var isReplaced = false
        /// What is wrong with the entry's value, as long as no later entry replaces it; only its key was written then.
        var fault: WireError?
    }

    private var entries = ScratchStack<Entry>()

    /// Where the next map's keys start.
    var mark: Int { entries.count }

    /// Remembers the key at `offset` of `output`, up to its end.
    @inline(__always)
    mutating func add(offset: Int, in output: borrowing ByteBuffer) {
        let bytes = UnsafeRawBufferPointer(rebasing: output.bytes[offset...])
        entries.push(Entry(hash: KeyLog.hash(bytes), offset: offset, count: bytes.count))
    }

    /// Notes that the value of the last key cannot be printed.
    mutating func markFaulty(_ fault: WireError) {
        entries[entries.count &- 1].fault = fault
    }

    /// The first entry since `mark` with a fault that no later entry replaces.
    func firstFaulty(since mark: Int) -> Entry? {
        entries.suffix(from: mark).first { $0.fault != nil && !$0.isReplaced }
    }

    /// Forgets the keys since `mark`.
    mutating func drop(to mark: Int) {
        entries.truncate(to: mark)
    }

    /// Forgets all keys, for a new output.
    mutating func reset() {
        entries.reset()
    }

    /// Keys that fit into the scratch memory.
    var capacity: Int { entries.capacity }

    /// A key that occurs twice since `mark`, as its last occurrence; nil if each is there once.
    ///
    /// Sorts the entries, so their order is lost.
    func firstDuplicate(since mark: Int, in output: borrowing ByteBuffer) -> Entry? {
        let keys = entries.suffix(from: mark)
        if keys.count < 2 { return nil }
        let text = output.bytes
        if keys.count <= 12 {
            for right in 1..<keys.count {
                for left in 0..<right
                where keys[left].hash == keys[right].hash && KeyLog.compare(keys[left], keys[right], text) == 0 {
                    return keys[right]
                }
            }
            return nil
        }
        KeyLog.sort(keys, text)
        for index in 1..<keys.count where KeyLog.compare(keys[index &- 1], keys[index], text) == 0 {
            return keys[index]
        }
        return nil
    }

    /// Takes every entry since `mark` that a later one of the same key replaces out of the output.
    ///
    /// The other entries then have their new places.
    ///
    /// An entry begins with one byte before its key, a comma, and ends where the next one begins. What stays keeps its
    /// order and is moved once.
    func removeReplaced(since mark: Int, from output: inout ByteBuffer) {
        var keys = entries.suffix(from: mark)
        if keys.isEmpty { return }
        KeyLog.sort(keys, output.bytes)
        for index in 1..<keys.count where KeyLog.compare(keys[index &- 1], keys[index], output.bytes) == 0 {
            // Equal keys are sorted by place, so only the last of them stays.
            keys[index &- 1].isReplaced = true
        }
        keys.sort { $0.offset < $1.offset }
        var target = keys[0].offset &- 1
        for index in keys.indices where !keys[index].isReplaced {
            let entryStart = keys[index].offset &- 1
            let end = index &+ 1 < keys.count ? keys[index &+ 1].offset &- 1 : output.count
            output.move(entryStart..<end, to: target)
            keys[index].offset = target &+ 1
            target &+= end &- entryStart
        }
        output.truncate(to: target)
    }

    private static func sort(_ keys: UnsafeMutableBufferPointer<Entry>, _ text: UnsafeRawBufferPointer) {
        var keys = keys
        keys.sort { left, right in
            let order = compare(left, right, text)
            return order == 0 ? left.offset < right.offset : order < 0
        }
    }

    private static func compare(_ left: Entry, _ right: Entry, _ text: UnsafeRawBufferPointer) -> Int {
        if left.hash != right.hash { return left.hash < right.hash ? -1 : 1 }
        if left.count != right.count { return left.count < right.count ? -1 : 1 }
        guard left.count > 0, let base = text.baseAddress else { return 0 }
        return Int(memcmp(base + left.offset, base + right.offset, left.count))
    }

    /// FNV-1a by words; collisions only cost a comparison.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var index = 0
        while index &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 29
            index &+= 8
        }
        while index < bytes.count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
            index &+= 1
        }
        return hash
    }
}
