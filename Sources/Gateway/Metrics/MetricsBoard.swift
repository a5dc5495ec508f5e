internal import EventLoop

/// Where workers put copies of what they have counted, whenever somebody asks.
///
/// Each question has a number. A worker takes the number first and its counts afterwards, so that counts under a number
/// hold everything that was over when the question was asked.
final class MetricsBoard: Sendable {
    private struct Seat {
        /// Wakes the worker; nil before it is there and when it has gone.
        var waker: Waker?
        var hasLeft = false
        /// The number of the last question that it has answered.
        var answered = 0
        var snapshot = WorkerSnapshot()
    }

    private struct State: Sendable {
        var seats: [Seat]
        var question = 0
        /// Wakes whoever asks.
        var reader: Waker?
    }

    private let state: Locked<State>

    init(workers: Int) {
        state = Locked(State(seats: Array(repeating: Seat(), count: workers)))
    }

    // MARK: - Workers

    /// Has `waker` woken when worker number `worker` is to ``answer(_:_:)``.
    func enter(_ worker: Int, _ waker: Waker) {
        state.withLock { $0.seats[worker].waker = waker }
    }

    /// Answers what is asked; `snapshot` is called after that is known.
    func answer(_ worker: Int, _ snapshot: () -> WorkerSnapshot) {
        let question = state.withLock { $0.question }
        let counts = snapshot()
        state.withLock { state in
            state.seats[worker].answered = question
            state.seats[worker].snapshot = counts
            if state.seats.allSatisfy({ $0.hasLeft || $0.answered >= question }) { state.reader?.wake() }
        }
    }

    /// Leaves the last counts behind; the waker may be closed afterwards.
    func leave(_ worker: Int, _ snapshot: WorkerSnapshot) {
        state.withLock { state in
            state.seats[worker].waker = nil
            state.seats[worker].hasLeft = true
            state.seats[worker].snapshot = snapshot
            state.reader?.wake()
        }
    }

    // MARK: - The reader

    /// Has `waker` woken when there may be an answer; nil ends that.
    func setReader(_ waker: Waker?) {
        state.withLock { $0.reader = waker }
    }

    /// Asks all workers; returns the question's number.
    func ask() -> Int {
        state.withLock { state in
            state.question += 1
            for seat in state.seats { seat.waker?.wake() }
            // There may be nobody left to ask.
            if state.seats.allSatisfy(\.hasLeft) { state.reader?.wake() }
            return state.question
        }
    }

    /// The counts of all workers, none older than the question; nil if some have yet to come.
    func read(_ question: Int) -> [WorkerSnapshot]? {
        state.withLock { state in
            guard state.seats.allSatisfy({ $0.hasLeft || $0.answered >= question }) else { return nil }
            return state.seats.map(\.snapshot)
        }
    }
}
