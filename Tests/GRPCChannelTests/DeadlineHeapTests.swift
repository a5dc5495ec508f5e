import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

@Suite
struct DeadlineHeapTests {
    private let method: PreparedMethod

    init() throws {
        let configuration = GRPCChannel.Configuration(target: try ChannelTarget("http://h"))
        method = PreparedMethod(MethodDescriptor(service: "s", method: "M"), configuration: configuration)
    }

    @Test(arguments: [1, 2, 7, 64, 333])
    func callsComeOutByDeadlineWhateverIsTakenOutBetween(count: Int) {
        var generator = SeededRandom(seed: UInt64(count))
        var heap = DeadlineHeap()
        var calls = (0..<count).map { _ in
            RecordingCall(method, deadline: Deadline(nanoseconds: generator.next() % 50))
        }
        for call in calls { heap.insert(call) }
        for _ in 0..<(count / 3) {
            let gone = calls.remove(at: Int(generator.next() % UInt64(calls.count)))
            heap.remove(gone)
            heap.remove(gone)
            #expect(gone.deadlineIndex == DeadlineHeap.absent)
        }
        var seen: [UInt64] = []
        while let call = heap.firstExpired(at: .never) {
            seen.append(call.deadline.nanoseconds)
            heap.remove(call)
        }
        #expect(seen == calls.map(\.deadline.nanoseconds).sorted())
        #expect(heap.nearest == nil)
    }

    @Test
    func onlyWhatHasPassedExpires() {
        var heap = DeadlineHeap()
        let call = RecordingCall(method, deadline: Deadline(nanoseconds: 10))
        heap.insert(call)
        #expect(heap.firstExpired(at: Deadline(nanoseconds: 9)) == nil)
        #expect(heap.firstExpired(at: Deadline(nanoseconds: 10)) === call)
        heap.remove(call)
    }
}
