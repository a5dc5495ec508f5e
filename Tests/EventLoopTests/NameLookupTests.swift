import Glibc
import Testing

@testable import EventLoop

@Suite
struct NameLookupTests {
    /// Lookups that last until they are let go.
    private final class Hanging: Sendable {
        private let state = Locked((isHeld: true, count: 0))

        var count: Int { state.withLock { $0.count } }

        func work() -> NameLookup.Outcome {
            state.withLock { $0.count += 1 }
            while state.withLock({ $0.isHeld }) { usleep(1000) }
            state.withLock { $0.count -= 1 }
            return .success([])
        }

        /// Lets all go and waits until they are done, up to ten seconds.
        func release() -> Bool {
            state.withLock { $0.isHeld = false }
            return wait(for: 0)
        }

        func wait(for expected: Int) -> Bool {
            for _ in 0..<10_000 {
                if count == expected { return true }
                usleep(1000)
            }
            return false
        }
    }

    @Test
    func theAnswerComesOnceAndOnTheLoop() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var outcomes: [NameLookup.Outcome] = []
        NameLookup.start(on: loop, { .failure(UVError("getaddrinfo", -1)) }, { outcomes.append($0) })
        #expect(outcomes.isEmpty)
        loop.run()
        #expect(outcomes == [.failure(UVError("getaddrinfo", -1))])
        #expect(loop.lookups.isEmpty)
    }

    /// More than libuv's pool has threads.
    @Test
    func lookupsThatHangDoNotHoldUpOthers() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        let hanging = Hanging()
        var count = 0
        for _ in 0..<10 { NameLookup.start(on: loop, { hanging.work() }, { _ in count += 1 }) }
        #expect(hanging.wait(for: 10))
        var outcome: NameLookup.Outcome?
        Resolver.resolve(host: "localhost", port: 80, on: loop) { outcome = $0 }
        while outcome == nil { loop.runOnce(waiting: true) }
        #expect(count == 0)
        #expect(hanging.release())
        loop.run()
        #expect(count == 10)
    }

    @Test
    func aLookupThatHangsDoesNotKeepTheLoopFromClosing() throws {
        let hanging = Hanging()
        let loop = try EventLoop()
        var isCalled = false
        NameLookup.start(on: loop, { hanging.work() }, { _ in isCalled = true })
        #expect(hanging.wait(for: 1))
        loop.close()
        #expect(hanging.count == 1)
        #expect(loop.lookups.isEmpty)
        // The answer finds nobody, and nothing of the loop.
        #expect(hanging.release())
        #expect(!isCalled)
    }
}
