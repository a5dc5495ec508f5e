import EventLoop
import Testing

@Suite
struct LockedTests {
    @Test
    func noChangeIsLost() throws {
        let sum = Locked(0)
        let threads = try (0..<4).map { _ throws(UVError) in
            try LoopThread { for _ in 0..<10_000 { sum.withLock { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(sum.withLock { $0 } == 40_000)
    }
}
