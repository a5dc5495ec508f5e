internal import CLibUV

/// Calls a function on the loop's thread when the process gets a signal.
package final class SignalWatcher {
    private let handle: UnsafeMutablePointer<uv_signal_t>
    private let body: () -> Void
    private var isClosed = false

    package init(_ signal: Int32, on loop: EventLoop, _ body: @escaping () -> Void) throws(UVError) {
        self.body = body
        handle = HandleMemory.allocate(uv_signal_t.self)
        let result = uv_signal_init(loop.raw, handle)
        guard result == 0 else {
            UnsafeMutableRawPointer(handle).deallocate()
            isClosed = true
            throw UVError("uv_signal_init", result)
        }
        HandleMemory.attach(self, to: handle)
        let started = uv_signal_start(
            handle,
            { raw, _ in
                HandleMemory.owner(of: raw, as: SignalWatcher.self)?.body()
            },
            signal
        )
        guard started == 0 else {
            close()
            throw UVError("uv_signal_start", started)
        }
    }

    /// Restores the signal's earlier meaning; idempotent.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        HandleMemory.close(handle)
    }
}
