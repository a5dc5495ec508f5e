import Dispatch
import Glibc

/// SIGINT and SIGTERM, as something to wait for.
///
/// From its making on, they no longer end the process.
final class StopSignals: Sendable {
    private let received: AsyncStream<Void>
    /// Kept alive, and not touched after `init`, so that no two threads can meet in them.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        let (received, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.received = received
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Returns when the first signal has come, or when the task is cancelled.
    func wait() async {
        for await _ in received {
            return
        }
    }
}
