internal import CLibUV

/// Makes a loop call a function soon, from any thread (`uv_async_t`).
///
/// `@unchecked Sendable`: `uv_async_send` is the one libuv call that is thread-safe, and the only one that
/// ``wake()`` makes. ``close()`` belongs to the loop's thread, after all other threads are done waking.
package final class Waker: @unchecked Sendable {
    private let handle: UnsafeMutablePointer<uv_async_t>
    private let body: () -> Void
    private var isClosed = false

    package init(on loop: EventLoop, _ body: @escaping () -> Void) throws(UVError) {
        self.body = body
        handle = HandleMemory.allocate(uv_async_t.self)
        let result = uv_async_init(loop.raw, handle) { raw in
            HandleMemory.owner(of: raw, as: Waker.self)?.body()
        }
        guard result == 0 else {
            UnsafeMutableRawPointer(handle).deallocate()
            isClosed = true
            throw UVError("uv_async_init", result)
        }
        HandleMemory.attach(self, to: handle)
    }

    /// Asks for a call; several requests may become one call.
    package func wake() {
        uv_async_send(handle)
    }

    package func close() {
        guard !isClosed else { return }
        isClosed = true
        HandleMemory.close(handle)
    }
}
