internal import Bytes

/// Messages from upstream that wait until the client has read what came before them.
///
/// They wait as they came, since JSON may be many times as long. What is in the queue is bounded by the stream's
/// flow-control window, which is held meanwhile.
struct MessageQueue: ~Copyable {
    /// Each message behind its length, of four bytes in the machine's order.
    private var bytes = ByteBuffer()
    private var taken = 0

    var isEmpty: Bool { taken == bytes.count }

    /// Appends a copy of `message`, which gRPC limits to 4 GiB.
    mutating func append(_ message: UnsafeRawBufferPointer) {
        bytes.reserve(4 + message.count)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: message.count)) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: message)
    }

    /// The next message, which is valid until the queue changes; nil, and no memory kept, once all are taken.
    mutating func next() -> UnsafeRawBufferPointer? {
        guard !isEmpty else {
            removeAll()
            return nil
        }
        let start = taken + 4
        let count = Int(bytes.bytes.loadUnaligned(fromByteOffset: taken, as: UInt32.self))
        taken = start + count
        return UnsafeRawBufferPointer(rebasing: bytes.bytes[start..<taken])
    }

    mutating func removeAll() {
        if bytes.capacity > 0 { bytes = ByteBuffer() }
        taken = 0
    }
}
