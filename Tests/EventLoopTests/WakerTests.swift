import EventLoop
import Glibc
import Testing

@Suite
struct WakerTests {
    @Test
    func anotherThreadEndsTheWait() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var wakes = 0
        let waker = try Waker(on: loop) { wakes += 1 }
        defer { waker.close() }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(waker).toOpaque()
        let started = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Waker>.fromOpaque(context).takeRetainedValue().wake() }
                return nil
            },
            context
        )
        #expect(started == 0)
        // Nothing else could end this turn.
        loop.runOnce(waiting: true)
        pthread_join(thread, nil)
        #expect(wakes == 1)
    }
}
