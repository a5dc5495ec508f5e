import EventLoop
import RPCCore
import Testing

@Suite
struct LoopTimerTests {
    @Test
    func timersFireInTheirOrderAndOnce() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var fired: [String] = []
        let late = LoopTimer(on: loop) { fired.append("late") }
        let early = LoopTimer(on: loop) { fired.append("early") }
        late.start(afterMilliseconds: 5)
        early.start(afterMilliseconds: 1)
        loop.run()
        #expect(fired == ["early", "late"])
        early.close()
        late.close()
        late.close()
    }

    @Test
    func aStoppedOrClosedTimerNeverFires() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var fired = 0
        let stopped = LoopTimer(on: loop) { fired += 1 }
        let closed = LoopTimer(on: loop) { fired += 1 }
        stopped.start(afterMilliseconds: 0)
        stopped.stop()
        closed.start(afterMilliseconds: 0)
        closed.close()
        closed.start(afterMilliseconds: 0)
        loop.run()
        #expect(fired == 0)
        stopped.close()
    }

    @Test
    func startingAgainReplacesTheEarlierStart() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        let begun = loop.now()
        let timer = LoopTimer(on: loop) {}
        timer.start(afterMilliseconds: 60_000)
        timer.start(afterMilliseconds: 1)
        loop.run()
        #expect(loop.now().nanoseconds - begun.nanoseconds < 10_000_000_000)
        timer.close()
    }

    @Test
    func callSoonRunsOnTheNextTurn() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var hasRun = false
        LoopTimer.callSoon(on: loop) { hasRun = true }
        #expect(!hasRun)
        loop.run()
        #expect(hasRun)
    }
}
