internal import Bytes
internal import CLinux
internal import CMicroHTTPD
internal import EventLoop
internal import Glibc

/// Memory for large bodies, used over and over by the answers of one server.
///
/// The system zeroes each page that it gives out, which takes longer than writing JSON to it. So what an answer has left
/// is kept for the next one, and goes back to the system once it has lain unused for a while.
final class BodyMemory {
    /// Bytes from which on a block is worth keeping, and up to which: smaller ones malloc keeps by itself.
    static let sizes = 256 << 10...8 << 20
    /// Bytes that are kept at most.
    static let maximumKept = 32 << 20
    /// Milliseconds after which those go back that all answers since could do without.
    var patience: UInt64 = 1000

    /// The last one used last.
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    private(set) var keptBytes = 0
    /// The fewest that lay here since ``timer`` was started: none of these was needed.
    private var spareCount = 0
    private var timer: LoopTimer?
    private var timerIsArmed = false

    init(on loop: EventLoop) {
        timer = LoopTimer(on: loop) { [unowned self] in giveBackSpare() }
    }

    /// An empty buffer with room for `capacity` bytes or more, whose memory comes back with ``makeResponse(_:)``.
    func makeBuffer(capacity: Int) -> ByteBuffer {
        guard capacity >= BodyMemory.sizes.lowerBound else { return ByteBuffer(capacity: capacity) }
        var buffer: ByteBuffer
        // A block that is far larger might be missed elsewhere.
        if let fitting = blocks.lastIndex(where: { $0.count >= capacity && $0.count / 4 <= capacity }) {
            let block = blocks.remove(at: fitting)
            keptBytes -= block.count
            spareCount = min(spareCount, blocks.count)
            buffer = ByteBuffer(reusing: block)
        } else {
            buffer = ByteBuffer(capacity: capacity)
        }
        buffer.isReusable = true
        return buffer
    }

    /// A response with `body`, whose memory comes back here once it was sent if it was made here; nil where there is no
    /// memory for it.
    func makeResponse(_ body: consuming ByteBuffer) -> OpaquePointer? {
        let capacity = body.capacity
        let isReusable = body.isReusable && BodyMemory.sizes.contains(capacity)
        let content = body.release()
        guard isReusable else {
            // Rule (b): libmicrohttpd frees the body with the response.
            return MHD_create_response_from_buffer(content.count, content.baseAddress, .RESPMEM_MUST_FREE)
        }
        let block = UnsafeMutableRawBufferPointer(start: content.baseAddress, count: capacity)
        let loan = Unmanaged.passRetained(Loan(block, of: self))
        // Rule (b): called with the end of the response, on this thread.
        let giveBack: MHD_ContentReaderFreeCallback = { context in
            if let context { Unmanaged<Loan>.fromOpaque(context).release() }
        }
        let response = MHD_create_response_from_buffer_with_free_callback_cls(
            content.count,
            content.baseAddress,
            giveBack,
            loan.toOpaque()
        )
        if response == nil { loan.release() }
        return response
    }

    /// A block that a response has, until it is let go of.
    private final class Loan {
        private let block: UnsafeMutableRawBufferPointer
        private let memory: BodyMemory

        init(_ block: UnsafeMutableRawBufferPointer, of memory: BodyMemory) {
            self.block = block
            self.memory = memory
        }

        deinit {
            memory.keep(block)
        }
    }

    /// Takes `block`, which came from `malloc`, for the next answer, or frees it.
    func keep(_ block: UnsafeMutableRawBufferPointer) {
        guard timer != nil, keptBytes + block.count <= BodyMemory.maximumKept else { return free(block.baseAddress) }
        blocks.append(block)
        keptBytes += block.count
        if !timerIsArmed { arm() }
    }

    private func arm() {
        timerIsArmed = true
        spareCount = blocks.count
        timer?.start(afterMilliseconds: patience)
    }

    private func giveBackSpare() {
        timerIsArmed = false
        for block in blocks.prefix(spareCount) {
            keptBytes -= block.count
            free(block.baseAddress)
        }
        let wereMore = spareCount > 0
        blocks.removeFirst(spareCount)
        if !blocks.isEmpty { return arm() }
        // Messages that such answers were made of have left holes in the heap.
        if wereMore { malloc_trim(0) }
    }

    /// Gives all of it back, and from then on what comes; idempotent.
    func close() {
        timer?.close()
        timer = nil
        spareCount = blocks.count
        giveBackSpare()
    }
}
