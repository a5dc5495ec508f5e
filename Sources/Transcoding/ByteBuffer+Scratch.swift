import Bytes

extension ByteBuffer {
    /// Bytes whose memory is kept when a buffer that serves as scratch is emptied.
    static var keptCapacity: Int { 65_536 }

    /// Drops everything, and the memory too if one request has made it large.
    @inline(__always)
    mutating func reset() {
        if capacity > ByteBuffer.keptCapacity {
            self = ByteBuffer()
        } else {
            truncate(to: 0)
        }
    }
}
