/// A stack of plain values that keeps its memory from one request to the next, unless it is large.
struct ScratchStack<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private(set) var capacity: Int

    init(capacity: Int = 32) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deallocate()
    }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return base[index]
        }
        set {
            assert(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    @inline(__always)
    mutating func push(_ element: Element) {
        if count == capacity { grow(to: count &+ 1) }
        base[count] = element
        count &+= 1
    }

    /// Pushes `element` `times` times.
    @inline(__always)
    mutating func push(_ element: Element, times: Int) {
        if capacity &- count < times { grow(to: count &+ times) }
        for offset in 0..<times { base[count &+ offset] = element }
        count &+= times
    }

    @inline(__always)
    mutating func truncate(to newCount: Int) {
        assert(newCount >= 0 && newCount <= count)
        count = newCount
    }

    /// Elements whose memory is kept when the stack is emptied.
    static var keptCapacity: Int { 65_536 }

    /// Drops everything, and the memory too if one request has made it large.
    @inline(__always)
    mutating func reset() {
        count = 0
        if capacity > Self.keptCapacity { release() }
    }

    @inline(never)
    private mutating func release() {
        base.deallocate()
        capacity = 32
        base = .allocate(capacity: capacity)
    }

    /// The elements from `start` on, until the next mutation.
    func suffix(from start: Int) -> UnsafeMutableBufferPointer<Element> {
        UnsafeMutableBufferPointer(start: base + start, count: count &- start)
    }

    @inline(never)
    private mutating func grow(to wanted: Int) {
        let newCapacity = max(wanted, capacity * 2)
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        grown.update(from: base, count: count)
        base.deallocate()
        base = grown
        capacity = newCapacity
    }
}
