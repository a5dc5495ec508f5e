import Glibc

/// A thread of its own that runs one closure and can be joined.
package final class BackgroundThread: Sendable {
    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private enum Phase {
        case running(pthread_t)
        case joined
    }

    private let phase: Monitor<Phase>

    /// Starts `body` on a new thread.
    ///
    /// - Throws: ``SystemError`` where the system has no thread to give.
    package init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        // The thread owns its box and gives it up when it starts (lifetime rule b).
        let box = Unmanaged.passRetained(Box(body))
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            box.release()
            throw SystemError("pthread_create", code: code)
        }
        phase = Monitor(.running(thread))
    }

    /// Waits for the thread to end; later calls return at once.
    package func join() {
        let thread: pthread_t? = phase.update { phase in
            guard case .running(let thread) = phase else { return nil }
            phase = .joined
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }
}
