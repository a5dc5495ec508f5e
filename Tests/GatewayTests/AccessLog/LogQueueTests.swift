import Bytes
import EventLoop
import Testing

@testable import Gateway

@Suite
struct LogQueueTests {
    private func batch(_ size: Int, lines: UInt64) -> LogBatch {
        var text = ByteBuffer()
        for _ in 0..<size { text.append(UInt8(ascii: "x")) }
        return LogBatch(text, lineCount: lines)
    }

    @Test
    func whatDoesNotFitIsDroppedAndCounted() throws {
        let queue = LogQueue(maximumBytes: 10)
        queue.put(batch(6, lines: 1))
        queue.put(batch(5, lines: 3))
        queue.put(batch(4, lines: 1))
        #expect(queue.droppedLines == 3)
        guard case .write(let batches) = queue.next() else { throw Unexpected() }
        #expect(batches.map { $0.text.count } == [6, 4])
        // What is being written takes its room still.
        queue.put(batch(1, lines: 7))
        #expect(queue.droppedLines == 10)
        queue.finish(batches[0], isWritten: true)
        queue.finish(batches[1], isWritten: false)
        #expect(queue.droppedLines == 11)
        queue.put(batch(10, lines: 1))
        #expect(queue.droppedLines == 11)
    }

    @Test
    func ordersComeInTheirOrder() throws {
        let queue = LogQueue(maximumBytes: 10)
        queue.put(batch(1, lines: 1))
        queue.reopen()
        queue.close()
        queue.put(batch(1, lines: 1))
        #expect(queue.droppedLines == 1)
        guard case .write = queue.next() else { throw Unexpected() }
        guard case .reopen = queue.next() else { throw Unexpected() }
        guard case .end = queue.next() else { throw Unexpected() }
    }

    @Test
    func theEndIsWaitedForNoLongerThanIsSaid() throws {
        let queue = LogQueue(maximumBytes: 10)
        #expect(!queue.waitForEnd(seconds: 0))
        let thread = try LoopThread { queue.noteEnd() }
        #expect(queue.waitForEnd(seconds: 60))
        thread.join()
    }

    private struct Unexpected: Error {}
}
