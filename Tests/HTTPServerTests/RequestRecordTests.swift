import HTTPServer
import Testing

@Suite
struct RequestRecordTests {
    @Test
    func eachMomentBelongsToOnePhase() {
        var record = RequestRecord(now: 100)
        record.enter(.gateway, at: 110)
        record.enter(.upstream, at: 130)
        record.enter(.gateway, at: 170)
        record.enter(.send, at: 180)
        record.settle(at: 200)
        #expect(record[.receive] == 10)
        #expect(record[.gateway] == 30)
        #expect(record[.upstream] == 40)
        #expect(record[.send] == 20)
        #expect(record[.signIn] == nil)
        #expect(record[.queue] == nil)
        #expect(record.total == 100)
    }

    @Test
    func aWaitInTheQueueEndsWhenTheCallLeavesIt() {
        var record = RequestRecord(now: 0)
        record.enter(.upstream, at: 5)
        record.rename(to: .queue)
        record.endQueue(at: 25)
        // Once is enough.
        record.endQueue(at: 30)
        record.settle(at: 40)
        #expect(record[.queue] == 20)
        #expect(record[.upstream] == 15)
        #expect(record.total == 40)
    }

    @Test
    func aClockThatIsReadEarlierTakesNothingBack() {
        var record = RequestRecord(now: 50)
        record.enter(.gateway, at: 40)
        record.settle(at: 60)
        #expect(record[.receive] == 0)
        #expect(record[.gateway] == 10)
        #expect(record.total == 10)
    }

    @Test
    func thereAreAsManyPhasesAsIsSaid() {
        #expect(RequestRecord.Phase.allCases.count == RequestRecord.Phase.count)
    }
}
