internal import Bytes

/// The content of a request as far as it has come, within the limit.
struct RequestBody: ~Copyable {
    private var storage = ByteBuffer()
    /// Bytes that were dropped since it was found to be too large.
    private var discarded = 0
    /// Bytes that were there when they were last put off.
    private var putOffCount = 0
    /// `Content-Length`, as far as it is a number that a body can have.
    private(set) var announcedLength: Int?
    /// Whether it is above the limit, and was dropped.
    private(set) var isTooLarge = false

    var bytes: UnsafeRawBufferPointer { storage.bytes }
    var isEmpty: Bool { storage.isEmpty }

    /// Takes note of its `Content-Length`.
    mutating func announce(_ length: Int?, limit: Int) {
        announcedLength = length
        isTooLarge = length ?? 0 > limit
    }

    /// Keeps a piece of it, up to `limit` bytes in all.
    ///
    /// - Returns: false where the client is to be cut off.
    mutating func receive(_ data: UnsafeRawBufferPointer, limit: Int) -> Bool {
        putOffCount = 0
        if !isTooLarge, data.count <= limit - storage.count {
            storage.append(contentsOf: data)
            return true
        }
        // Only a chunked body gets here. libmicrohttpd takes an answer only before or after a body, so the rest is
        // read and dropped; a client that sends several times the limit is cut off.
        isTooLarge = true
        storage.truncate(to: 0)
        discarded += data.count
        return discarded <= max(limit, 4 << 20) * 16
    }

    /// Whether to wait until more has come than these `count` bytes, where `received` came before.
    ///
    /// libmicrohttpd 0.9.75 reads a body into what the header block has left of the memory that it was read into, be that
    /// a byte at a time, and makes more room only where that is full of what nobody takes (`try_grow_read_buffer`). Of a
    /// body in chunks nobody can tell whether more will come.
    mutating func putsOff(_ count: Int, received: Int) -> Bool {
        guard count > 0, let announcedLength else { return false }
        let isWorthIt = count >= min(RequestBody.smallestPiece, announcedLength - received)
        // Nothing has come since: there is no more room to be had.
        if isWorthIt || count == putOffCount { return false }
        putOffCount = count
        return true
    }

    /// Bytes that are worth a call, but for the last ones.
    private static let smallestPiece = 1024

    /// Forgets what has come, as the request is refused.
    mutating func clear() {
        storage.truncate(to: 0)
    }

    /// Gives its memory back.
    mutating func release() {
        storage = ByteBuffer()
    }
}
