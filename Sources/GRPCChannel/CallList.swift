internal import Bytes

/// A list of calls linked through the calls themselves: adding and removing allocate nothing and take constant time.
///
/// A call is in at most one list at a time, and the list owns it while it is there.
struct CallList: ~Copyable {
    private var head: Unmanaged<ClientCall>?
    private var tail: Unmanaged<ClientCall>?
    private(set) var count = 0
    /// Bytes of the calls' messages, as long as they were when they came into the list.
    private(set) var byteCount = 0

    init() {}

    deinit {
        assert(count == 0, "a list of calls must be emptied")
    }

    var isEmpty: Bool { head == nil }

    func contains(where predicate: (ClientCall) -> Bool) -> Bool {
        var next = head
        while let call = next?.takeUnretainedValue() {
            if predicate(call) { return true }
            next = call.listNext
        }
        return false
    }

    mutating func append(_ call: ClientCall) {
        note(call)
        let link = Unmanaged.passRetained(call)
        call.listPrevious = tail
        call.listNext = nil
        if let tail { tail.takeUnretainedValue().listNext = link } else { head = link }
        tail = link
    }

    mutating func prepend(_ call: ClientCall) {
        note(call)
        let link = Unmanaged.passRetained(call)
        call.listPrevious = nil
        call.listNext = head
        if let head { head.takeUnretainedValue().listPrevious = link } else { tail = link }
        head = link
    }

    private mutating func note(_ call: ClientCall) {
        call.listedBytes = call.message.count
        byteCount += call.listedBytes
        count += 1
    }

    /// Takes out `call`, which must be in this list.
    mutating func remove(_ call: ClientCall) {
        let next = call.listNext
        let previous = call.listPrevious
        if let previous { previous.takeUnretainedValue().listNext = next } else { head = next }
        if let next { next.takeUnretainedValue().listPrevious = previous } else { tail = previous }
        call.listNext = nil
        call.listPrevious = nil
        count -= 1
        byteCount -= call.listedBytes
        Unmanaged.passUnretained(call).release()
    }

    mutating func popFirst() -> ClientCall? {
        guard let first = head?.takeUnretainedValue() else { return nil }
        remove(first)
        return first
    }
}
