import EventLoop
import GatewayTesting
import Testing

@testable import Gateway

/// A sign of life is one of every worker.
@Suite
struct WatchdogTests {
    /// A watchdog on a loop of its own, over workers that answer when the test has them do so.
    private final class Bench {
        let loop: EventLoop
        var asked: [Int] = []
        var signs = 0
        var watchdog: Watchdog?

        init(count: Int, milliseconds: UInt64) throws {
            loop = try EventLoop()
            watchdog = try Watchdog(milliseconds * 1000, count: count, on: loop) { [unowned self] worker in
                asked.append(worker)
            } onLife: { [unowned self] in
                signs += 1
            }
        }

        func run(until condition: () -> Bool) {
            for _ in 0..<100_000 where !condition() { loop.runOnce(waiting: true) }
        }

        deinit {
            watchdog?.close()
            loop.close()
        }
    }

    @Test
    func eachRoundOfAnswersIsASignOfLife() throws {
        let bench = try Bench(count: 3, milliseconds: 10)
        bench.watchdog?.start()
        for round in 1...5 {
            bench.run { bench.asked.count == 3 * round }
            #expect(Array(bench.asked.suffix(3)) == [0, 1, 2])
            for worker in [2, 0, 1] { bench.watchdog?.answer(worker) }
            bench.run { bench.signs == round }
            #expect(bench.signs == round)
        }
    }

    @Test
    func oneThatIsSilentIsEnoughForSilence() throws {
        let bench = try Bench(count: 2, milliseconds: 4)
        bench.watchdog?.start()
        bench.watchdog?.answer(0)
        bench.watchdog?.answer(0)
        var ticks = 0
        let clock = LoopTimer(on: bench.loop) { ticks += 1 }
        clock.start(afterMilliseconds: 100)
        bench.run { ticks == 1 }
        #expect(bench.signs == 0)
        // Asked once: its answer is still due.
        #expect(bench.asked == [0, 1])
        bench.watchdog?.answer(1)
        bench.run { bench.signs == 1 }
        #expect(bench.signs == 1)
        clock.close()
    }

    @Test
    func nothingIsSaidAfterAStop() throws {
        let bench = try Bench(count: 1, milliseconds: 4)
        bench.watchdog?.start()
        bench.watchdog?.stop()
        bench.watchdog?.answer(0)
        var ticks = 0
        let clock = LoopTimer(on: bench.loop) { ticks += 1 }
        clock.start(afterMilliseconds: 50)
        bench.run { ticks == 1 }
        #expect(bench.signs == 0)
        #expect(bench.asked == [0])
        clock.close()
    }

    /// With a real thread, which is stuck for a while.
    @Test
    func aLoopThatIsStuckIsNoticed() throws {
        let bench = try Bench(count: 1, milliseconds: 20)
        let watchdog = try #require(bench.watchdog)
        let gate = Monitor(false)
        // Only its wakers are touched from here while the thread runs it, and of the watchdog only `answer` from there.
        nonisolated(unsafe) let (loop, answering) = (try EventLoop(), watchdog)
        let stuck = try Waker(on: loop) { _ = gate.wait(for: .seconds(30)) { $0 } }
        let pinger = try Waker(on: loop) { answering.answer(0) }
        let stopper = try Waker(on: loop) { loop.stop() }
        stuck.wake()
        let thread = try LoopThread { loop.run() }
        watchdog.start()
        pinger.wake()
        var ticks = 0
        let clock = LoopTimer(on: bench.loop) { ticks += 1 }
        clock.start(afterMilliseconds: 200)
        bench.run { ticks == 1 }
        let before = bench.signs
        gate.update { $0 = true }
        bench.run { bench.signs > before }
        #expect(before <= 1)
        #expect(bench.signs > before)
        watchdog.stop()
        stopper.wake()
        thread.join()
        for waker in [stuck, pinger, stopper] { waker.close() }
        loop.close()
        clock.close()
    }
}
