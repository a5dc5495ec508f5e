import Testing

@testable import Gateway

@Suite
struct MetricsBoardTests {
    private func snapshot(_ connections: Int) -> WorkerSnapshot {
        var snapshot = WorkerSnapshot()
        snapshot.connections = connections
        return snapshot
    }

    @Test
    func aQuestionIsAnsweredOnceAllHaveAnswered() {
        let board = MetricsBoard(workers: 2)
        let question = board.ask()
        board.answer(0) { snapshot(1) }
        #expect(board.read(question) == nil)
        board.answer(1) { snapshot(2) }
        #expect(board.read(question)?.map(\.connections) == [1, 2])
        // What was counted before does for no later question.
        let next = board.ask()
        #expect(board.read(next) == nil)
        #expect(board.read(question) != nil)
    }

    @Test
    func countsThatWereTakenBeforeAQuestionDoNotAnswerIt() {
        let board = MetricsBoard(workers: 1)
        var question = 0
        board.answer(0) {
            question = board.ask()
            return snapshot(1)
        }
        #expect(board.read(question) == nil)
        board.answer(0) { snapshot(2) }
        #expect(board.read(question)?.map(\.connections) == [2])
    }

    @Test
    func whoHasLeftLeavesItsCounts() {
        let board = MetricsBoard(workers: 2)
        board.leave(0, snapshot(7))
        let question = board.ask()
        #expect(board.read(question) == nil)
        board.answer(1) { snapshot(8) }
        #expect(board.read(question)?.map(\.connections) == [7, 8])
        board.leave(1, snapshot(9))
        #expect(board.read(board.ask())?.map(\.connections) == [7, 9])
    }
}
