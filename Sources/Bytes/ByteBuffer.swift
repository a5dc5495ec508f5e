import Glibc

/// A growable region of memory from `malloc`, with exactly one owner.
///
/// The request path writes into these and nowhere else. Unlike `[UInt8]` there is no copy on write, so an append
/// is one comparison and one store, and the memory can be given to a C library that will call `free` on it
/// (``release()``). Running out of memory ends the process, as it does for every Swift collection.
@usableFromInline
package struct ByteBuffer: ~Copyable {
    @usableFromInline
    package private(set) var base: UnsafeMutablePointer<UInt8>?
    /// Bytes written so far.
    @inlinable
    package var count: Int { storedCount }
    @usableFromInline
    package internal(set) var storedCount = 0
    /// Whether its memory is worth keeping for the next one, as its owner sees it.
    package var isReusable = false
    /// Bytes that fit without a reallocation.
    @usableFromInline
    package private(set) var capacity = 0

    /// An empty buffer that has allocated nothing yet.
    @inlinable
    package init() {
        base = nil
    }

    /// An empty buffer with room for `capacity` bytes.
    @inlinable
    package init(capacity: Int) {
        base = nil
        grow(by: capacity)
    }

    /// An empty buffer in `memory`, which came from `malloc` and is the buffer's from now on.
    package init(reusing memory: UnsafeMutableRawBufferPointer) {
        base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
        capacity = memory.count
    }

    deinit {
        free(base)
    }

    @inlinable
    package var isEmpty: Bool { storedCount == 0 }

    /// The bytes written so far.
    ///
    /// Valid until the next mutation; keep it no longer than the buffer.
    @inlinable
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: storedCount) }

    @inlinable
    package subscript(_ index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < storedCount)
            return base.unsafelyUnwrapped[index]
        }
        set {
            precondition(index >= 0 && index < storedCount)
            base.unsafelyUnwrapped[index] = newValue
        }
    }

    /// Makes room for `additional` more bytes.
    @inlinable
    package mutating func reserve(_ additional: Int) {
        if capacity &- storedCount < additional { grow(by: additional) }
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        if storedCount == capacity { grow(by: 1) }
        base.unsafelyUnwrapped[storedCount] = byte
        storedCount &+= 1
    }

    @inlinable
    package mutating func append(contentsOf source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, source.count > 0 else { return }
        reserve(source.count)
        UnsafeMutableRawPointer(base.unsafelyUnwrapped + storedCount).copyMemory(from: start, byteCount: source.count)
        storedCount &+= source.count
    }

    @inlinable
    package mutating func append(contentsOf source: [UInt8]) {
        source.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Appends a literal without making a `String` of it.
    @inlinable
    package mutating func append(_ literal: StaticString) {
        precondition(literal.hasPointerRepresentation)
        append(contentsOf: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the UTF-8 of `string`.
    package mutating func append(utf8 string: String) {
        var copy = string
        copy.withUTF8 { append(contentsOf: UnsafeRawBufferPointer($0)) }
    }

    /// Lets `body` write up to `count` bytes after the end and say how many it wrote.
    @inlinable
    package mutating func appendUnsafe(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(count)
        let written = body(base.unsafelyUnwrapped + storedCount)
        precondition(written >= 0 && written <= count)
        storedCount &+= written
    }

    /// Moves the bytes of `range` to `target`; the two places may overlap.
    package mutating func move(_ range: Range<Int>, to target: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= storedCount)
        precondition(target >= 0 && target <= storedCount - range.count)
        guard !range.isEmpty, let base else { return }
        (base + target).update(from: base + range.lowerBound, count: range.count)
    }

    /// Drops everything from `newCount` on.
    @inlinable
    package mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= storedCount)
        storedCount = newCount
    }

    /// Gives the memory away.
    ///
    /// The caller frees it with `free`; `baseAddress` is nil if nothing was ever allocated.
    package consuming func release() -> UnsafeMutableRawBufferPointer {
        let released = UnsafeMutableRawBufferPointer(start: base, count: storedCount)
        discard self
        return released
    }

    @usableFromInline
    @inline(never)
    package mutating func grow(by additional: Int) {
        guard additional > 0 else { return }
        // Doubling keeps appends linear; the floor keeps small messages at one allocation.
        let wanted = max(storedCount + additional, capacity * 2, 64)
        guard let grown = realloc(base, wanted) else { fatalError("out of memory") }
        base = grown.assumingMemoryBound(to: UInt8.self)
        capacity = wanted
    }
}
