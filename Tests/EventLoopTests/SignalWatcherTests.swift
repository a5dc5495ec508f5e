import EventLoop
import Glibc
import Testing

@Suite
struct SignalWatcherTests {
    @Test
    func aSignalIsToldOnTheLoopsThread() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var count = 0
        let watcher = try SignalWatcher(SIGUSR2, on: loop) { count += 1 }
        kill(getpid(), SIGUSR2)
        #expect(loop.run { count == 1 })
        watcher.close()
        watcher.close()
    }

    @Test
    func aSignalThatCannotBeCaughtIsAnError() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        #expect(throws: UVError.self) { try SignalWatcher(SIGKILL, on: loop) {} }
    }
}
