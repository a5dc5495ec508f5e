internal import RPCCore

/// The calls that have a deadline, nearest first (a binary heap).
///
/// Each call knows its place, so it can be taken out in logarithmic time. The heap does not own its calls: whoever
/// does removes a call here before letting go of it.
struct DeadlineHeap {
    private struct Entry {
        let deadline: Deadline
        let call: Unmanaged<ClientCall>
    }

    private var entries: [Entry] = []

    /// Place of a call that is not in the heap.
    static let absent = -1

    var nearest: Deadline? { entries.first?.deadline }

    /// The call whose deadline is the nearest, if that has passed at `now`.
    func firstExpired(at now: Deadline) -> ClientCall? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        return first.call.takeUnretainedValue()
    }

    mutating func insert(_ call: ClientCall) {
        let entry = Entry(deadline: call.deadline, call: .passUnretained(call))
        entries.append(entry)
        moveUp(entry, from: entries.count - 1)
    }

    /// Takes `call` out if it is in.
    mutating func remove(_ call: ClientCall) {
        let index = call.deadlineIndex
        guard index != DeadlineHeap.absent else { return }
        call.deadlineIndex = DeadlineHeap.absent
        let last = entries.removeLast()
        guard index < entries.count else { return }
        if index > 0, last.deadline < entries[(index - 1) / 2].deadline {
            moveUp(last, from: index)
        } else {
            moveDown(last, from: index)
        }
    }

    private mutating func moveUp(_ entry: Entry, from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.deadline < entries[parent].deadline else { break }
            put(entries[parent], at: index)
            index = parent
        }
        put(entry, at: index)
    }

    private mutating func moveDown(_ entry: Entry, from start: Int) {
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].deadline < entries[child].deadline { child += 1 }
            guard entries[child].deadline < entry.deadline else { break }
            put(entries[child], at: index)
            index = child
        }
        put(entry, at: index)
    }

    private mutating func put(_ entry: Entry, at index: Int) {
        entries[index] = entry
        entry.call.takeUnretainedValue().deadlineIndex = index
    }
}
