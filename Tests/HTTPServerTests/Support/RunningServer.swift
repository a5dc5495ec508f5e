import Bytes
import EventLoop
import GatewayTesting
import HTTPServer

/// A server on a thread of its own, driven as a gateway's worker drives it, with the test as its client.
final class RunningServer: Sendable {
    /// What the server's thread and the test share.
    struct State: Sendable {
        var address: String?
        var failure: String?
        var waker: Waker?
        var orders: [@Sendable (ServerThread) -> Void] = []
        /// Requests whose answer is being held back.
        var held = 0
        /// What handlers have noted, in order.
        var notes: [String] = []
    }

    struct StartFailure: Error {
        let reason: String
    }

    typealias Handler = @Sendable (Exchange, consuming ResponseWriter, ServerThread) -> Void

    /// `HOST:PORT`.
    let address: String
    private let state: Monitor<State>
    private let thread: LoopThread

    /// Starts serving on a port of the system's choice.
    init(
        _ configure: @Sendable (inout HTTPServer.Configuration) -> Void = { _ in },
        connections: ConnectionLedger? = nil,
        handler: @escaping Handler
    ) throws {
        var settings = HTTPServer.Configuration()
        configure(&settings)
        let configuration = settings
        let state = Monitor(State())
        self.state = state
        thread = try LoopThread {
            do {
                let thread = try ServerThread(configuration, connections, state, handler)
                thread.run()
            } catch {
                state.update { $0.failure = "\(error)" }
            }
        }
        _ = state.wait(for: .seconds(10)) { $0.address != nil || $0.failure != nil }
        guard let address = state.read({ $0.address }) else {
            throw StartFailure(reason: state.read { $0.failure } ?? "not in time")
        }
        self.address = address
    }

    deinit {
        order { $0.loop.stop() }
        thread.join()
    }

    func client(timeout: Duration = .seconds(10)) throws -> RawHTTPClient {
        try RawHTTPClient(address: address, timeout: timeout)
    }

    /// Has `body` run on the server's thread soon.
    func order(_ body: @escaping @Sendable (ServerThread) -> Void) {
        // Under the lock, so that the waker is not closed in between.
        state.update { state in
            state.orders.append(body)
            state.waker?.wake()
        }
    }

    /// Has `body` run on the server's thread and waits for what it returns; nil if that takes ten seconds.
    func ask<Answer: Sendable>(_ body: @escaping @Sendable (ServerThread) -> Answer) -> Answer? {
        let answer = Monitor<Answer?>(nil)
        order { thread in
            let value = body(thread)
            answer.update { $0 = value }
        }
        _ = answer.wait(for: .seconds(10)) { $0 != nil }
        return answer.read { $0 }
    }

    /// Waits until `count` requests are being held; says whether they came.
    func waitUntilHeld(_ count: Int) -> Bool {
        state.wait(for: .seconds(10)) { $0.held >= count }
    }

    /// Waits until handlers have noted `note`; says whether they did.
    func waitForNote(_ note: String, within limit: Duration = .seconds(10)) -> Bool {
        state.wait(for: limit) { $0.notes.contains(note) }
    }

    /// Waits until the notes are as `condition` wants them; says whether they came to be.
    func waitUntil(within limit: Duration, _ condition: ([String]) -> Bool) -> Bool {
        state.wait(for: limit) { condition($0.notes) }
    }

    var notes: [String] { state.read { $0.notes } }
}
