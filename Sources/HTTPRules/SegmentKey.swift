import Glibc

/// A segment of a path to be looked up by its percent-decoded form, without decoding it to anywhere.
struct SegmentKey {
    /// Bytes after decoding.
    let decodedCount: Int
    private let base: UnsafePointer<UInt8>
    private let hasEscapes: Bool

    /// Nil if the segment is longer than any literal can be, so that its length costs nothing.
    ///
    /// The path's escapes are known to be well formed.
    @inline(__always)
    init?(_ path: PathSegments, _ range: Range<Int>, longestLiteral: Int) {
        base = path.base + range.lowerBound
        if !path.hasEscapes {
            guard range.count <= longestLiteral else { return nil }
            decodedCount = range.count
            hasEscapes = false
            return
        }
        guard range.count <= longestLiteral * 3 else { return nil }
        var escapes = 0
        for index in 0..<range.count where base[index] == UInt8(ascii: "%") { escapes &+= 1 }
        decodedCount = range.count - 2 * escapes
        hasEscapes = escapes > 0
    }

    /// The order of the decoded bytes against as many bytes at `literal`: below, at or above 0.
    @inline(__always)
    func compare(with literal: UnsafePointer<UInt8>) -> Int {
        if !hasEscapes { return Int(memcmp(base, literal, decodedCount)) }
        var index = 0
        for position in 0..<decodedCount {
            var byte = base[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                let high = PercentDecoding.hexValue(base[index]) ?? 0
                let low = PercentDecoding.hexValue(base[index + 1]) ?? 0
                byte = high << 4 | low
                index += 2
            }
            if byte != literal[position] { return Int(byte) - Int(literal[position]) }
        }
        return 0
    }
}
