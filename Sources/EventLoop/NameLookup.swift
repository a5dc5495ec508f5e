/// One lookup of a name, on a thread of its own.
///
/// Not on libuv's thread pool. `getaddrinfo` cannot be stopped, and takes half a minute where no name server answers. The
/// pool lets lookups have two of its four threads, so two such names would hold up all others; and ``EventLoop/close()``,
/// and even the end of the process, would wait for those that are under way. Lookups are few: one at a time a name, and
/// seconds apart at least.
///
/// The thread shares ``Answer`` with the loop's thread and nothing else. All the rest belongs to the loop's thread.
final class NameLookup {
    typealias Outcome = Result<[SocketAddress], UVError>

    /// What the thread leaves behind.
    private struct Answer: Sendable {
        var outcome: Outcome?
        /// Nil once nobody waits any more; woken under the lock, so that it is not closed meanwhile.
        var waker: Waker?
    }

    private let answer = Locked(Answer())
    private let loop: EventLoop
    private var completion: ((Outcome) -> Void)?

    private init(on loop: EventLoop, _ completion: @escaping (Outcome) -> Void) {
        self.loop = loop
        self.completion = completion
    }

    /// Lets `work` run on a thread and then calls `completion` on the loop's, exactly once and never before this returns;
    /// not at all where the loop is closed first.
    static func start(
        on loop: EventLoop,
        _ work: @escaping @Sendable () -> Outcome,
        _ completion: @escaping (Outcome) -> Void
    ) {
        do {
            try NameLookup(on: loop, completion).run(work)
        } catch {
            LoopTimer.callSoon(on: loop) { completion(.failure(error)) }
        }
    }

    private func run(_ work: @escaping @Sendable () -> Outcome) throws(UVError) {
        // A cycle that end() breaks.
        let waker = try Waker(on: loop) { self.finish() }
        answer.withLock { $0.waker = waker }
        loop.lookups[ObjectIdentifier(self)] = self
        do {
            let answer = answer
            try LoopThread {
                let outcome = work()
                answer.withLock { answer in
                    answer.outcome = outcome
                    answer.waker?.wake()
                }
            }.detach()
        } catch {
            end()
            throw error
        }
    }

    private func finish() {
        guard let outcome = answer.withLock({ $0.outcome }), let completion else { return }
        end()
        completion(outcome)
    }

    /// Waits no more; the thread ends by itself and its answer with it.
    func end() {
        completion = nil
        loop.lookups[ObjectIdentifier(self)] = nil
        let waker = answer.withLock { answer in
            defer { answer.waker = nil }
            return answer.waker
        }
        waker?.close()
    }
}
