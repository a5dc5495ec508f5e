/// Where in the raw path a route's variables were found.
///
/// A plain value of fixed size, so a request can keep it for as long as it keeps the bytes of its path. The entry at
/// `i` belongs to the route's variable `i`; its bytes are still percent-encoded.
package struct PathCaptures: Sendable {
    /// A range of the raw path, in bytes.
    package struct Capture: Hashable, Sendable {
        package let offset: UInt32
        package let count: UInt32

        @inlinable
        package init(offset: UInt32, count: UInt32) {
            self.offset = offset
            self.count = count
        }

        @inlinable
        package var range: Range<Int> { Int(offset)..<Int(offset) &+ Int(count) }
    }

    /// Captures in use.
    package private(set) var count = 0
    // Room for PathTemplate.maximumVariables.
    private var storage: [16 of Capture] = .init(repeating: Capture(offset: 0, count: 0))

    package init() {}

    package subscript(index: Int) -> Capture {
        precondition(index >= 0 && index < count)
        return storage[index]
    }

    /// The bytes of a capture within the path that was matched.
    package func bytes(_ index: Int, of path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: path[self[index].range])
    }

    mutating func removeAll() {
        count = 0
    }

    mutating func append(_ capture: Capture) {
        storage[count] = capture
        count += 1
    }
}
