internal import CLibUV
package import RPCCore

/// One libuv loop, owned by one thread.
///
/// Everything made with a loop is used on the thread that runs it; only ``Waker`` may be touched from elsewhere.
package final class EventLoop {
    let raw: UnsafeMutablePointer<uv_loop_t>
    /// Where every socket of this loop reads to: reads are handled before the next one begins, so one will do.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Lookups of names that are under way.
    var lookups: [ObjectIdentifier: NameLookup] = [:]
    /// Times that sockets of this loop have received bytes.
    package internal(set) var receivedCount: UInt64 = 0
    private var isClosed = false

    /// Largest read a socket delivers in one event, in bytes.
    package static let readSize = 256 * 1024

    package init() throws(UVError) {
        raw = HandleMemory.allocate(uv_loop_t.self)
        readBuffer = .allocate(byteCount: EventLoop.readSize, alignment: 64)
        let result = uv_loop_init(raw)
        guard result == 0 else {
            isClosed = true
            throw UVError("uv_loop_init", result)
        }
    }

    deinit {
        assert(isClosed, "an EventLoop must be closed")
        UnsafeMutableRawPointer(raw).deallocate()
        readBuffer.deallocate()
    }

    /// Runs until ``stop()`` or until nothing is left to wait for.
    package func run() {
        uv_run(raw, UV_RUN_DEFAULT)
    }

    /// Runs one turn; blocks for events only if `waiting`.
    package func runOnce(waiting: Bool) {
        uv_run(raw, waiting ? UV_RUN_ONCE : UV_RUN_NOWAIT)
    }

    /// Makes ``run()`` return after the current turn.
    package func stop() {
        uv_stop(raw)
    }

    /// Runs the close callbacks that are due and frees the loop.
    ///
    /// All handles must have been closed before; lookups of names need not be done, and are forgotten. Safe to call twice.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        for lookup in lookups.values { lookup.end() }
        while uv_loop_close(raw) == Int32(UV_EBUSY.rawValue) {
            uv_run(raw, UV_RUN_ONCE)
        }
    }

    /// The monotonic clock, read anew.
    package func now() -> Deadline {
        Deadline(nanoseconds: uv_hrtime())
    }

    /// The monotonic clock, read anew, in nanoseconds.
    package var clock: UInt64 { uv_hrtime() }

    /// The monotonic clock as read at the start of this loop turn, to the millisecond: free to ask.
    package func turnStart() -> Deadline {
        Deadline(nanoseconds: uv_now(raw) &* 1_000_000)
    }
}
