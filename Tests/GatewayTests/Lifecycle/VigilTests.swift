import RPCCore
import Testing

@testable import Gateway

/// When a worker stays awake between two events.
@Suite
struct VigilTests {
    private final class Worker {
        var vigil = Vigil()
        var events: UInt64 = 0
        var now = Deadline(nanoseconds: 1_000_000_000)
        var preemptions = 0

        /// An event after so many microseconds; whether the worker then goes on without sleep.
        func event(after microseconds: UInt64) -> Bool {
            events += 1
            return turn(after: microseconds)
        }

        /// A turn in which nothing came.
        func turn(after microseconds: UInt64) -> Bool {
            now = now.advanced(by: microseconds * 1000)
            return vigil.continues(events: events, now: now) { preemptions }
        }
    }

    @Test
    func itTakesAFewCloseEvents() {
        let worker = Worker()
        #expect(!worker.event(after: 1_000_000))
        var awake = 0
        for _ in 0..<20 where worker.event(after: 20) { awake += 1 }
        #expect((10..<20).contains(awake))
    }

    @Test
    func itEndsWithAWaitThatIsTooLong() {
        let worker = Worker()
        for _ in 0..<20 { _ = worker.event(after: 20) }
        #expect(worker.turn(after: 50))
        #expect(worker.turn(after: 49))
        #expect(!worker.turn(after: 1))
        #expect(!worker.turn(after: 1))
        // What comes then is the first of its kind again.
        #expect(!worker.event(after: 900))
    }

    /// Requests of which each takes two waits, one of them long: that of a client that comes a thousand times a second, or
    /// that of an upstream that takes its time.
    @Test(arguments: [110, 200, 500, 1_000, 50_000] as [UInt64])
    func eventsThatAreFarApartAreSleptThrough(long: UInt64) {
        let worker = Worker()
        for round in 0..<100 {
            _ = worker.event(after: long)
            #expect(!worker.event(after: 10) || round == 0, "\(round)")
        }
    }

    @Test
    func closeOnesAreNot() {
        let worker = Worker()
        for _ in 0..<20 { _ = worker.event(after: 60) }
        for _ in 0..<100 {
            #expect(worker.event(after: 80))
            #expect(worker.event(after: 20))
        }
    }

    /// Whoever it waits for may want the core that it stays awake on.
    @Test
    func whoIsInSomebodysWayRests() {
        let worker = Worker()
        for _ in 0..<20 { _ = worker.event(after: 20) }
        #expect(worker.event(after: 20))
        // Once in a while is nothing.
        for _ in 0..<20 {
            worker.preemptions += 1
            for _ in 0..<10 { #expect(worker.event(after: 20)) }
        }
        var waits = 0
        repeat {
            waits += 1
            worker.preemptions += 1
        } while waits < 10 && worker.event(after: 20)
        #expect((2...4).contains(waits))
        // For a second.
        for _ in 0..<49_999 where worker.event(after: 20) { Issue.record("awake after \(worker.events) events") }
        #expect((0..<20).contains { _ in worker.event(after: 20) })
        // While it slept, others may well have had the core.
        let other = Worker()
        for _ in 0..<20 {
            other.preemptions += 1
            _ = other.event(after: 500)
        }
        #expect((0..<20).contains { _ in other.event(after: 20) })
    }
}
