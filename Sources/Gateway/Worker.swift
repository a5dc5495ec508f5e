internal import EventLoop
internal import GRPCChannel
internal import HTTPServer

/// One thread's share of the gateway: a loop, an HTTP server, and the lanes that its requests take to upstream.
///
/// `@unchecked Sendable`: built by the thread that starts the gateway, then handed to its own thread, which alone
/// touches it; only ``serve(_:)``, ``ping()`` and ``stop(_:)`` are called from elsewhere, and all they do is leave orders.
final class Worker: @unchecked Sendable {
    private let loop: EventLoop
    private let lanes: Lanes
    private let server: HTTPServer
    private let number: Int
    private let shared: WorkerShare
    private let observer: RequestObserver
    private let orders = WorkerOrders()
    private var hook: TurnHook?
    private var vigil = Vigil()
    private var waker: Waker?
    private var metricsWaker: Waker?
    /// What is called on the worker's thread after a ``ping()``; set before it runs.
    var onPing: () -> Void = {}
    private var graceTimer: LoopTimer?
    private var isStopping = false
    private var hasGivenUp = false

    /// Milliseconds for clients to read their last answer.
    private static let lastWords: UInt64 = 1000

    /// Builds worker number `number`, which tells `shared` how it is doing.
    init(
        _ number: Int,
        generation: Generation,
        listener: consuming ListeningSocket,
        shared: WorkerShare
    ) throws(GatewayError) {
        self.number = number
        self.shared = shared
        do {
            loop = try EventLoop()
        } catch {
            throw GatewayError("\(error)")
        }
        let observer = RequestObserver(shared.accessLog, on: loop)
        self.observer = observer
        let context = LaneContext(loop: loop, observer: observer, limits: shared.limits)
        let lanes: Lanes
        do {
            lanes = try Lanes(generation, context)
        } catch {
            observer.close()
            loop.close()
            throw error
        }
        self.lanes = lanes
        do {
            server = try HTTPServer(
                listener: listener,
                on: loop,
                configuration: generation.configuration.server,
                connections: shared.limits.connections,
                load: context.load
            ) { lanes.current.pipeline.handle($0, $1) }
        } catch {
            lanes.close()
            observer.close()
            loop.close()
            throw GatewayError("\(error)")
        }
        do {
            let waker = try Waker(on: loop) { [unowned self] in takeOrders() }
            self.waker = waker
            orders.open(waker)
            let metricsWaker = try Waker(on: loop) { [unowned self] in
                shared.metrics.answer(number) { self.snapshot() }
            }
            self.metricsWaker = metricsWaker
            shared.metrics.enter(number, metricsWaker)
        } catch {
            close()
            throw GatewayError("\(error)")
        }
        server.refusesUnread = { lanes.current.pipeline.refuses($0) }
        server.onRefusal = { lanes.current.pipeline.refusal(for: $0) }
        server.onEnd = { exchange in
            observer.finish(exchange) { lanes.current.pipeline.clientAddress(of: exchange) }
        }
        hook = TurnHook(on: loop) { [unowned self] hook in turn(hook) }
        lanes.onChange = { lane in
            shared.health.update(number, lane.channel.state, lane.channel.snapshot())
            shared.upstreams.update(shared.health.read())
        }
        lanes.onSwitch = { [unowned self] lane in
            apply(lane.generation.configuration)
            shared.progress.serves(lane.generation.number, worker: number)
        }
        // So that the first request finds a connection.
        lanes.connect()
        graceTimer = LoopTimer(on: loop) { [unowned self] in giveUp() }
    }

    /// Serves until ``stop(_:)`` and frees everything.
    func run() {
        loop.run()
        close()
    }

    // MARK: - From any thread

    /// Has requests that come from now on, or from a moment later on, served under another generation.
    func serve(_ generation: Generation) {
        orders.serve(generation)
    }

    /// Asks the worker for a sign of life, see ``onPing``.
    func ping() {
        orders.ping()
    }

    /// Asks the worker to end.
    func stop(_ stop: WorkerOrders.Stop) {
        orders.stop(stop)
    }

    // MARK: - On its own

    /// Before each poll: the HTTP side first, so that the calls it starts leave in this turn's one write.
    private func turn(_ hook: TurnHook) {
        let runsAgain = server.runIfNeeded()
        lanes.flush()
        // Of several requests, one or another has something to do; after them it takes a few alone to stay awake again.
        let events = loop.receivedCount &+ server.begunExchanges
        let staysAwake =
            server.exchangesInProgress <= 1
            && vigil.continues(events: events, now: loop.now()) { ProcessStatistics.preemptionsOfThread }
        hook.runsAgainAtOnce = runsAgain || staysAwake
        if isStopping, hasGivenUp ? server.exchangesInProgress == 0 : server.isDrained { loop.stop() }
    }

    private func takeOrders() {
        let orders = orders.take()
        if orders.isPinged { onPing() }
        if let stop = orders.stop { return end(stop) }
        guard let generation = orders.generation, !isStopping else { return }
        do throws(GatewayError) {
            try lanes.change(to: generation)
        } catch {
            shared.progress.failed(error, worker: number)
        }
    }

    /// What a reload changes outside of the lanes.
    private func apply(_ configuration: GatewayConfiguration) {
        server.reconfigure(configuration.server)
    }

    /// What there is to tell of this worker.
    private func snapshot() -> WorkerSnapshot {
        var snapshot = observer.metrics.snapshot()
        snapshot.requestsInFlight = server.exchangesInProgress
        snapshot.connections = server.connectionCount
        snapshot.acceptedConnections = server.acceptedConnections
        snapshot.waitingCalls = lanes.waitingCallCount
        snapshot.waitingForSignIn = lanes.waitingForSignIn
        snapshot.upstreams = lanes.current.channel.snapshot()
        return snapshot
    }

    private func end(_ stop: WorkerOrders.Stop) {
        if !isStopping {
            isStopping = true
            server.beginDraining()
            lanes.beginStopping()
            graceTimer?.start(afterMilliseconds: lanes.current.generation.configuration.shutdownGrace)
        }
        if stop == .now, !hasGivenUp { giveUp() }
    }

    /// Answers the waiting requests 503 and ends streams with an error.
    ///
    /// Clients that read get what is theirs; a request that is still on its way is cut off.
    private func giveUp() {
        guard !hasGivenUp else { return loop.stop() }
        hasGivenUp = true
        lanes.close()
        graceTimer?.start(afterMilliseconds: Worker.lastWords)
    }

    /// Frees everything; idempotent, and also for a worker that never ran.
    func close() {
        orders.close()
        hook?.close()
        waker?.close()
        graceTimer?.close()
        lanes.close()
        server.close()
        // What closing has ended is counted too.
        observer.close()
        shared.metrics.leave(number, snapshot())
        metricsWaker?.close()
        loop.close()
    }
}
