import Bytes
import ProtobufSchema

/// Writes length-delimited content whose length is not known before it is written.
///
/// One byte is kept for the length. Where that is enough, and it nearly always is, closing fills it in; longer lengths
/// are noted and opened up in one pass over the output at the end, so that no byte moves more than once however deep
/// messages are nested.
struct NestedLengths: ~Copyable {
    struct Gap: BitwiseCopyable {
        /// Where the length's first byte stands.
        let position: Int
        /// Of the content, with all lengths inside it in full; 0 until it is closed.
        var length: Int
        /// Bytes that gaps before this one will need on top of their first.
        let missingBefore: Int
    }

    private var gaps = ScratchStack<Gap>()
    private var missing = 0

    /// Gaps that fit into the scratch memory.
    var capacity: Int { gaps.capacity }

    /// Forgets everything, for a new output.
    mutating func reset() {
        gaps.reset()
        missing = 0
    }

    /// Starts content at the end of `output` and gives the place to close it with.
    @inline(__always)
    mutating func open(_ output: inout ByteBuffer) -> Int {
        gaps.push(Gap(position: output.count, length: 0, missingBefore: missing))
        output.append(0)
        return gaps.count &- 1
    }

    /// Ends the content that was opened as `place`, the last not yet closed, and gives its length.
    @inline(__always)
    @discardableResult
    mutating func close(_ place: Int, _ output: inout ByteBuffer) -> Int {
        let gap = gaps[place]
        let length = output.count &- gap.position &- 1 &+ (missing &- gap.missingBefore)
        if length < 0x80 {
            // Nothing inside was long either, so this gap is the last.
            output[gap.position] = UInt8(truncatingIfNeeded: length)
            gaps.truncate(to: place)
        } else {
            gaps[place].length = length
            missing &+= ByteBuffer.varintLength(UInt64(length)) &- 1
        }
        return length
    }

    /// Forgets the content that was opened as `place`, which held nothing long and is taken out of the output.
    mutating func abandon(_ place: Int) {
        gaps.truncate(to: place)
    }

    /// Opens up all long lengths; nothing may be open any more.
    mutating func resolve(_ output: inout ByteBuffer) {
        if missing == 0 { return }
        let oldCount = output.count
        output.reserve(missing)
        let base = output.spare - oldCount
        var sourceEnd = oldCount
        var targetEnd = oldCount + missing
        var index = gaps.count
        // From the back, each piece moves straight to its place.
        while index > 0 {
            index -= 1
            let gap = gaps[index]
            let pieceStart = gap.position + 1
            let pieceCount = sourceEnd - pieceStart
            targetEnd -= pieceCount
            (base + targetEnd).update(from: base + pieceStart, count: pieceCount)
            targetEnd -= ByteBuffer.varintLength(UInt64(gap.length))
            _ = ByteBuffer.writeVarint(UInt64(gap.length), to: base + targetEnd)
            sourceEnd = gap.position
        }
        output.advance(by: missing)
        reset()
    }
}
