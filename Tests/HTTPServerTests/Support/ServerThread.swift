import Bytes
import EventLoop
import GatewayTesting

@testable import HTTPServer

/// The server's side of a ``RunningServer``: loop, server and the answers held back, all on one thread.
final class ServerThread {
    /// A request whose answer is held back.
    private final class Held {
        let exchange: Exchange
        var writer: ResponseWriter?

        init(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
            self.exchange = exchange
            self.writer = .some(writer)
        }
    }

    let loop: EventLoop
    let load = RequestLoad()
    private let state: Monitor<RunningServer.State>
    private var held: [Held] = []
    /// Answers that handlers have begun to stream, in order.
    private(set) var streams: [ResponseStream] = []
    /// Turns of the loop so far.
    private(set) var turns = 0
    private var running: HTTPServer?
    private var hook: TurnHook?
    private var waker: Waker?
    private var timers: [LoopTimer] = []
    private var lives: [() -> Bool] = []

    init(
        _ configuration: HTTPServer.Configuration,
        _ connections: ConnectionLedger?,
        _ state: Monitor<RunningServer.State>,
        _ handler: @escaping RunningServer.Handler
    ) throws {
        self.state = state
        loop = try EventLoop()
        let listener = try ListeningSocket(try SocketAddress(parsing: "127.0.0.1:0"))
        let address = listener.address.description
        let server = try HTTPServer(
            listener: listener,
            on: loop,
            configuration: configuration,
            connections: connections,
            load: load
        ) { [unowned self] exchange, writer in handler(exchange, writer, self) }
        running = server
        hook = TurnHook(on: loop) { [unowned self] hook in
            turns += 1
            hook.runsAgainAtOnce = server.runIfNeeded()
        }
        let waker = try Waker(on: loop) { [unowned self] in obey() }
        self.waker = waker
        state.update { state in
            state.waker = waker
            state.address = address
        }
    }

    /// Serves until the loop is stopped, then answers what is held with 500 and closes everything.
    func run() {
        loop.run()
        held.removeAll()
        hook?.close()
        running?.close()
        for timer in timers { timer.close() }
        state.update { state in
            state.waker = nil
            waker?.close()
        }
        loop.close()
    }

    var connectionCount: Int { running?.connectionCount ?? 0 }

    /// Requests that have not been answered whole.
    var exchangesInProgress: Int { running?.exchangesInProgress ?? 0 }

    /// Bytes that large answers have left for the next ones.
    var keptBodyBytes: Int { running?.bodies.keptBytes ?? 0 }

    /// Has them kept for so long.
    func keepBodies(forMilliseconds milliseconds: UInt64) {
        running?.bodies.patience = milliseconds
    }

    /// Begins to stream the answer and keeps the stream.
    @discardableResult
    func open(_ writer: consuming ResponseWriter) -> ResponseStream {
        let stream = writer.stream(status: 200) { headers in headers.add("Content-Type", "text/plain") }
        streams.append(stream)
        return stream
    }

    /// Calls `body` again and again until the loop ends.
    func tick(everyMilliseconds interval: UInt64, _ body: @escaping () -> Void) {
        let timer = LoopTimer(on: loop) { [unowned self] in
            body()
            for timer in timers { timer.start(afterMilliseconds: interval) }
        }
        timers.append(timer)
        timer.start(afterMilliseconds: interval)
    }

    /// Counts `object` in ``livingObjects`` for as long as it lives.
    func follow(_ object: AnyObject) {
        lives.append { [weak object] in object != nil }
    }

    var livingObjects: Int { lives.count { $0() } }

    /// Notes each request at its end.
    func noteEnds() {
        running?.onEnd = { [unowned self] exchange in note("end: \(exchange.endSummary)") }
    }

    func dropStreams() {
        streams = []
    }

    func replaceCredentials(_ credentials: ServerCredentials) {
        running?.replaceCredentials(credentials)
    }

    /// Has connections that end before there is a request get `status` and a text; without this they get nothing.
    func answerRefusedConnections(status: UInt16) {
        running?.onRefusal = { cause in
            var body = ByteBuffer()
            body.append(utf8: "\(cause)")
            return ConnectionRefusal(status: status, fields: [("Content-Type", "text/plain")], body: body)
        }
    }

    func stopListening() {
        running?.stopListening()
    }

    func closeServer() {
        held.removeAll()
        hook?.close()
        running?.close()
    }

    /// Keeps a request waiting until ``releaseAll()``.
    func hold(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        held.append(Held(exchange, writer))
        state.update { $0.held += 1 }
    }

    /// Answers everything that is held with what it asked for, the last one first.
    func releaseAll() {
        let waiting = held
        held = []
        for item in waiting.reversed() {
            if let writer = item.writer.take() { writer.send(text: item.exchange.summary) }
        }
        state.update { $0.held = 0 }
    }

    /// Answers what has been held for the longest.
    func releaseFirst() {
        guard let item = held.first else { return }
        held.removeFirst()
        if let writer = item.writer.take() { writer.send(text: item.exchange.summary) }
        state.update { $0.held -= 1 }
    }

    /// Gives up what is held without an answer.
    func dropAll() {
        held = []
        state.update { $0.held = 0 }
    }

    func note(_ text: String) {
        state.update { $0.notes.append(text) }
    }

    private func obey() {
        let orders = state.update { state in
            defer { state.orders = [] }
            return state.orders
        }
        for order in orders { order(self) }
    }
}
