import EventLoop
import Testing

@testable import Gateway

@Suite
struct MetricsPageTests {
    /// Asks twice, and runs until there are two answers.
    private func answers(_ board: MetricsBoard, patience: UInt64, _ work: () -> Void) throws -> [[WorkerSnapshot]?] {
        let loop = try EventLoop()
        let page = try MetricsPage(board, on: loop, patience: patience)
        defer {
            page.close()
            loop.close()
        }
        var answers: [[WorkerSnapshot]?] = []
        page.ask { answers.append($0) }
        work()
        page.ask { answers.append($0) }
        while answers.count < 2 { loop.runOnce(waiting: true) }
        return answers
    }

    @Test
    func workersThatDoNotAnswerAreGivenUp() throws {
        let board = MetricsBoard(workers: 2)
        let answers = try answers(board, patience: 20) { board.answer(0) { WorkerSnapshot() } }
        #expect(answers.map { $0?.count } == [nil, nil])
    }

    @Test
    func aQuestionIsAnsweredByWhatWasCountedSince() throws {
        let board = MetricsBoard(workers: 1)
        let answers = try answers(board, patience: 100) { board.answer(0) { WorkerSnapshot() } }
        #expect(answers.map { $0?.count } == [1, nil])
    }

    @Test
    func nobodyIsWaitedForWhoHasLeft() throws {
        let board = MetricsBoard(workers: 1)
        board.leave(0, WorkerSnapshot())
        #expect(try answers(board, patience: 60_000) {}.map { $0?.count } == [1, 1])
    }

    @Test
    func closingAnswersAll() throws {
        let loop = try EventLoop()
        let page = try MetricsPage(MetricsBoard(workers: 1), on: loop)
        var count = 0
        page.ask { answer in count += answer == nil ? 1 : 100 }
        page.close()
        page.close()
        #expect(count == 1)
        loop.close()
    }
}
