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
    private let orders = WorkerOrders()
    private var hook: TurnHook?
    private var waker: Waker?
    /// What is called on the worker's thread after a ``ping()``; set before it runs.
    var onPing: () -> Void = {}
    private var graceTimer: LoopTimer?
    private var isStopping = false
    private var hasGivenUp = false

    /// Milliseconds for clients to read their last answer.
    private static let lastWords: UInt64 = 1000

    /// Builds worker number `number`, which tells `health` of its channel and `progress` of what it serves.
    init(
        _ number: Int,
        generation: Generation,
        limits: SharedLimits,
        listener: consuming ListeningSocket,
        health: HealthBoard,
        progress: ReloadProgress
    ) throws(GatewayError) {
        self.number = number
        do {
            loop = try EventLoop()
        } catch {
            throw GatewayError("\(error)")
        }
        let load = RequestLoad()
        let lanes: Lanes
        do {
            lanes = try Lanes(generation, limits: limits, load: load, on: loop)
        } catch {
            loop.close()
            throw error
        }
        self.lanes = lanes
        let configuration = generation.configuration.server
        do {
            server = try HTTPServer(
                listener: listener,
                on: loop,
                configuration: configuration,
                connections: limits.connections,
                load: load
            ) { lanes.current.pipeline.handle($0, $1) }
            server.refusesUnread = { lanes.current.pipeline.refuses($0) }
            server.onRefusal = { lanes.current.pipeline.refusal(for: $0) }
        } catch {
            lanes.close()
            loop.close()
            throw GatewayError("\(error)")
        }
        do {
            let waker = try Waker(on: loop) { [unowned self] in takeOrders(progress) }
            self.waker = waker
            orders.open(waker)
        } catch {
            close()
            throw GatewayError("\(error)")
        }
        hook = TurnHook(on: loop) { [unowned self] hook in turn(hook) }
        lanes.onChange = { lane in health.update(number, lane.channel.state, lane.channel.snapshot()) }
        lanes.onSwitch = { [unowned self] lane in
            apply(lane.generation.configuration)
            progress.serves(lane.generation.number, worker: number)
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
        hook.runsAgainAtOnce = runsAgain
        if isStopping, hasGivenUp ? server.exchangesInProgress == 0 : server.isDrained { loop.stop() }
    }

    private func takeOrders(_ progress: ReloadProgress) {
        let orders = orders.take()
        if orders.isPinged { onPing() }
        if let stop = orders.stop { return end(stop) }
        guard let generation = orders.generation, !isStopping else { return }
        do throws(GatewayError) {
            try lanes.change(to: generation)
        } catch {
            progress.failed(error, worker: number)
        }
    }

    /// What a reload changes outside of the lanes.
    private func apply(_ configuration: GatewayConfiguration) {
        server.reconfigure(configuration.server)
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
        loop.close()
    }
}
