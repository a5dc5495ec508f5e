extension ByteBuffer {
    /// Where the next byte goes.
    ///
    /// Only what ``reserve(_:)`` has made room for may be written there, and it counts once ``advance(by:)`` says so.
    @inlinable
    package var spare: UnsafeMutablePointer<UInt8> {
        // A buffer that has never allocated has no spare byte; reserve comes first.
        base.unsafelyUnwrapped + storedCount
    }

    /// Counts `written` bytes that were put at ``spare``.
    @inlinable
    package mutating func advance(by written: Int) {
        assert(written >= 0 && written <= capacity - storedCount)
        storedCount &+= written
    }
}
