internal import CLibUV

/// Watches a file descriptor that someone else owns (`uv_poll_t`).
package final class DescriptorWatcher {
    /// What to be told of.
    package enum Interest {
        case readable
        /// The peer has closed its end.
        case disconnected
    }

    private let handle: UnsafeMutablePointer<uv_poll_t>
    private let body: () -> Void
    private var isClosed = false

    /// Calls `body` whenever `descriptor` is ready; the descriptor must outlive the watcher.
    package init(
        _ descriptor: Int32,
        for interest: Interest,
        on loop: EventLoop,
        _ body: @escaping () -> Void
    ) throws(UVError) {
        self.body = body
        handle = HandleMemory.allocate(uv_poll_t.self)
        let result = uv_poll_init(loop.raw, handle, descriptor)
        guard result == 0 else {
            UnsafeMutableRawPointer(handle).deallocate()
            isClosed = true
            throw UVError("uv_poll_init", result)
        }
        HandleMemory.attach(self, to: handle)
        let events = interest == .readable ? UV_READABLE : UV_DISCONNECT
        let started = uv_poll_start(handle, Int32(events.rawValue)) { raw, _, _ in
            HandleMemory.owner(of: raw, as: DescriptorWatcher.self)?.body()
        }
        guard started == 0 else {
            close()
            throw UVError("uv_poll_start", started)
        }
    }

    /// Ends the watch, which must come before the descriptor is closed; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        HandleMemory.close(handle)
    }
}
