internal import Glibc

/// A thread that runs one function, meant to own one ``EventLoop``.
package final class LoopThread: Sendable {
    private let thread: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts the thread.
    package init(_ run: @escaping @Sendable () -> Void) throws(UVError) {
        // Rule (b): the new thread owns the context and releases it at its start.
        let context = Unmanaged.passRetained(Body(run))
        var created = pthread_t()
        let result = pthread_create(
            &created,
            nil,
            { raw in
                if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            context.release()
            throw UVError("pthread_create", -result)
        }
        thread = created
    }

    /// Lets the thread end by itself; to be called once, instead of ``join()``.
    package func detach() {
        pthread_detach(thread)
    }

    /// Waits for the function to return; to be called once.
    package func join() {
        pthread_join(thread, nil)
    }
}
