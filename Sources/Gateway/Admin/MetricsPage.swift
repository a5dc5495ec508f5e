internal import Bytes
internal import EventLoop
internal import HTTPServer

/// The questions for `/metrics` that wait for the workers' counts; on the admin listener's thread.
final class MetricsPage {
    /// How an answer is given: with what the workers have counted, or nil if one of them did not answer.
    typealias Completion = ([WorkerSnapshot]?) -> Void

    private struct Question {
        let number: Int
        let askedAt: UInt64
        let complete: Completion
    }

    private let board: MetricsBoard
    private let loop: EventLoop
    /// Milliseconds that workers have to answer.
    private let patience: UInt64
    private var waker: Waker?
    private var timer: LoopTimer?
    /// In the order of their numbers.
    private var questions: [Question] = []

    init(_ board: MetricsBoard, on loop: EventLoop, patience: UInt64 = 5_000) throws(UVError) {
        self.board = board
        self.patience = patience
        self.loop = loop
        waker = try Waker(on: loop) { [unowned self] in answerDueOnes() }
        timer = LoopTimer(on: loop) { [unowned self] in giveUpLateOnes() }
        board.setReader(waker)
    }

    /// Asks all workers; `complete` is called once, and never from within this.
    func ask(_ complete: @escaping Completion) {
        if questions.isEmpty { timer?.start(afterMilliseconds: patience) }
        questions.append(Question(number: board.ask(), askedAt: loop.clock, complete: complete))
    }

    private func answerDueOnes() {
        while let first = questions.first, let counts = board.read(first.number) {
            questions.removeFirst()
            first.complete(counts)
        }
    }

    private func giveUpLateOnes() {
        let now = loop.clock
        while let first = questions.first {
            let age = (now - first.askedAt) / 1_000_000
            guard age + 1 >= patience else {
                timer?.start(afterMilliseconds: patience - age)
                return
            }
            questions.removeFirst()
            first.complete(nil)
        }
    }

    /// Answers all that wait with what there is not; idempotent.
    func close() {
        board.setReader(nil)
        let waiting = questions
        questions = []
        for question in waiting { question.complete(nil) }
        waker?.close()
        waker = nil
        timer?.close()
        timer = nil
    }
}
