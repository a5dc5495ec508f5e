import LocalTraining
import Synchronization

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(milliseconds: Int64 = 1_800_000_000_500) {
        self.milliseconds = Mutex(milliseconds)
    }

    @Sendable func now() -> UnixTime {
        UnixTime(milliseconds: milliseconds.withLock { $0 })
    }

    func advance(milliseconds count: Int64) {
        milliseconds.withLock { $0 += count }
    }
}
