internal import Bytes

/// Cuts a stream of DATA bytes into messages.
///
/// A message that lies in one chunk is handed out in place; only one that does not is assembled in a buffer, which is
/// allocated once its length has been checked.
struct MessageDeframer: ~Copyable {
    enum Event {
        /// The chunk is used up.
        case needsMore
        /// A whole message, somewhere in the chunk.
        case whole(UnsafeRawBufferPointer)
        /// A whole message, to be had from ``MessageDeframer/takeAssembled()``.
        case assembled
        /// The compressed flag is not 0.
        case flagged(UInt8)
        /// The prefix announces more bytes than allowed.
        case tooLong(UInt32)
    }

    private var prefixCount = 0
    private var flag: UInt8 = 0
    private var length: UInt32 = 0
    private var partial = ByteBuffer()

    /// Whether a message has begun and not ended.
    var isInsideMessage: Bool { prefixCount > 0 }

    /// Length of the message that is on its way, 0 as long as it is not known.
    var announcedBytes: Int { prefixCount == MessageFraming.prefixLength ? Int(length) : 0 }

    /// The next event in `chunk`, which shrinks by what was used.
    ///
    /// After ``Event/flagged(_:)`` or ``Event/tooLong(_:)`` there is no use in going on.
    mutating func next(_ chunk: inout UnsafeRawBufferPointer, limit: Int) -> Event {
        while prefixCount < MessageFraming.prefixLength {
            guard let byte = chunk.first else { return .needsMore }
            chunk = UnsafeRawBufferPointer(rebasing: chunk[1...])
            if prefixCount == 0 { flag = byte } else { length = length << 8 | UInt32(byte) }
            prefixCount += 1
        }
        guard flag == 0 else { return .flagged(flag) }
        let wanted = Int(length)
        guard wanted <= limit else { return .tooLong(length) }

        if partial.isEmpty, chunk.count >= wanted {
            let message = UnsafeRawBufferPointer(rebasing: chunk[..<wanted])
            chunk = UnsafeRawBufferPointer(rebasing: chunk[wanted...])
            reset()
            return .whole(message)
        }
        guard !chunk.isEmpty else { return .needsMore }
        if partial.isEmpty { partial.reserve(wanted) }
        let taken = min(chunk.count, wanted - partial.count)
        partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<taken]))
        chunk = UnsafeRawBufferPointer(rebasing: chunk[taken...])
        guard partial.count == wanted else { return .needsMore }
        reset()
        return .assembled
    }

    /// The message of ``Event/assembled``, which must be taken before the next one begins.
    mutating func takeAssembled() -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &partial)
        return taken
    }

    private mutating func reset() {
        prefixCount = 0
        length = 0
    }
}
