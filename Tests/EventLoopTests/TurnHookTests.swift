import EventLoop
import Testing

@Suite
struct TurnHookTests {
    @Test
    func itRunsOnceATurnBeforePolling() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var turns = 0
        let hook = TurnHook(on: loop) { _ in turns += 1 }
        for _ in 0..<3 { loop.runOnce(waiting: false) }
        #expect(turns == 3)
        hook.close()
        hook.close()
        loop.runOnce(waiting: false)
        #expect(turns == 3)
    }

    @Test
    func itCanAskForAnotherTurnWithoutAWait() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var turns = 0
        let hook = TurnHook(on: loop) { hook in
            turns += 1
            hook.runsAgainAtOnce = turns < 5
            if turns == 5 { hook.close() }
        }
        // Would wait for good if a turn were not followed by the next.
        loop.run()
        #expect(turns == 5)
        hook.close()
    }
}
