/// Something that scripts wait behind until a test opens it.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [Waker] = []
    }

    private let state = Monitor(State())

    package init() {}

    /// Lets everything through that waits, and whatever comes later.
    package func open() {
        state.update { state in
            state.isOpen = true
            for waker in state.waiting { waker.wake() }
            state.waiting = []
        }
    }

    /// Whether the gate is open; where it is not, `waker` is woken once it opens.
    func isOpen(orWake waker: Waker) -> Bool {
        state.update { state in
            if !state.isOpen, !state.waiting.contains(where: { $0 === waker }) { state.waiting.append(waker) }
            return state.isOpen
        }
    }
}
