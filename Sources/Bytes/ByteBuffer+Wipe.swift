internal import Glibc

extension ByteBuffer {
    /// Empties the buffer and leaves nothing of a secret in its memory.
    package mutating func wipe() {
        if let base { explicit_bzero(base, count) }
        truncate(to: 0)
    }
}
