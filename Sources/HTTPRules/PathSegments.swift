import Glibc

/// A request's path, split once and only as far as the templates can tell segments apart.
///
/// Boundaries are the offsets of the `/` before each segment, and of the path's end. `front` has those of the first
/// segments; where the path goes on beyond them, `back` gets those of the last ones, and only if a `**` asks.
/// Borrows the path and the scratch memory for the duration of one match.
struct PathSegments {
    let base: UnsafePointer<UInt8>
    /// The path's length without the one trailing slash that is forgiven.
    let end: Int
    let hasEscapes: Bool
    /// Segments that `front` tells.
    private(set) var frontCount = 0
    /// Whether `front` tells all segments.
    private(set) var isComplete = false
    /// Offset of the last `:` in the last segment, -1 for none; unknown (-1) until ``scanRest()`` if not complete.
    private(set) var colon = -1

    private let front: UnsafeMutablePointer<UInt32>
    private let back: UnsafeMutablePointer<UInt32>
    private let backCapacity: Int
    private var backCount = 0
    private var rest = Rest.unknown

    private enum Rest {
        case unknown, usable, unusable
    }

    /// Scratch memory needed, in elements.
    static func scratchCount(frontLimit: Int, backLimit: Int) -> Int { frontLimit + 1 + backLimit + 1 }

    /// Splits off up to `frontLimit` segments of `path`, which begins with `/`; nil if one of them is empty.
    init?(
        _ path: UnsafeRawBufferPointer,
        hasEscapes: Bool,
        frontLimit: Int,
        backLimit: Int,
        scratch: UnsafeMutablePointer<UInt32>
    ) {
        guard let start = path.baseAddress else { return nil }
        base = start.assumingMemoryBound(to: UInt8.self)
        end = base[path.count - 1] == UInt8(ascii: "/") ? path.count - 1 : path.count
        self.hasEscapes = hasEscapes
        front = scratch
        back = scratch + frontLimit + 1
        backCapacity = backLimit + 1

        front[0] = 0
        var slash = 0
        while slash < end && frontCount < frontLimit {
            let next = offset(of: UInt8(ascii: "/"), in: slash &+ 1..<end) ?? end
            if next == slash &+ 1 { return nil }
            frontCount &+= 1
            front[frontCount] = UInt32(truncatingIfNeeded: next)
            slash = next
        }
        isComplete = slash == end
        if isComplete && frontCount > 0 {
            colon = lastColon(in: Int(front[frontCount &- 1]) &+ 1..<end)
        }
    }

    /// Where segment `index` begins to end, its leading slash excluded.
    @inline(__always)
    func segment(_ index: Int) -> Range<Int> {
        Int(front[index]) &+ 1..<Int(front[index &+ 1])
    }

    /// The boundary after `count` segments.
    @inline(__always)
    func boundary(_ count: Int) -> Int { Int(front[count]) }

    /// The boundary before the last `count` segments, nil if there are fewer.
    ///
    /// Ask ``scanRest()`` first.
    @inline(__always)
    func boundary(fromBack count: Int) -> Int? {
        if isComplete { return count <= frontCount ? Int(front[frontCount &- count]) : nil }
        return count < backCount ? Int(back[count]) : nil
    }

    /// Looks at what lies beyond `front`, once; false if that has an empty segment, which nothing matches.
    mutating func scanRest() -> Bool {
        if isComplete { return true }
        if rest == .unknown { rest = scan() ? .usable : .unusable }
        return rest == .usable
    }

    private mutating func scan() -> Bool {
        var slash = Int(front[frontCount])
        while slash < end {
            let next = offset(of: UInt8(ascii: "/"), in: slash &+ 1..<end) ?? end
            if next == slash &+ 1 { return false }
            slash = next
        }
        back[0] = UInt32(truncatingIfNeeded: end)
        backCount = 1
        var index = end &- 1
        while index >= 0 && (backCount < backCapacity || backCount == 1) {
            if base[index] == UInt8(ascii: "/") {
                if backCount == 1 { colon = lastColon(in: index &+ 1..<end) }
                if backCount == backCapacity { break }
                back[backCount] = UInt32(truncatingIfNeeded: index)
                backCount &+= 1
            }
            index &-= 1
        }
        return true
    }

    private func lastColon(in range: Range<Int>) -> Int {
        guard offset(of: UInt8(ascii: ":"), in: range) != nil else { return -1 }
        var index = range.upperBound &- 1
        while base[index] != UInt8(ascii: ":") { index &-= 1 }
        return index
    }

    @inline(__always)
    private func offset(of byte: UInt8, in range: Range<Int>) -> Int? {
        guard let found = memchr(base + range.lowerBound, Int32(byte), range.count) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}
