internal import Bytes
internal import EventLoop
internal import GRPCChannel
internal import HTTPServer
internal import Logging
internal import RPCCore

/// One thread's share of the gateway: a loop, an HTTP server, a channel and the requests between them.
///
/// `@unchecked Sendable`: built by the thread that starts the gateway, then handed to its own thread, which alone
/// touches it; only ``stop()`` is called from elsewhere, and all it does is wake the loop.
final class Worker: @unchecked Sendable {
    private let loop: EventLoop
    private let channel: GRPCChannel
    private let pipeline: RequestPipeline
    private let server: HTTPServer
    private let grace: UInt64
    private let number: Int
    private let health: HealthBoard
    private let upstreams: UpstreamLog
    private let metrics: MetricsBoard
    private let observer: RequestObserver
    private var metricsWaker: Waker?
    private var hook: TurnHook?
    private var stopper: Waker?
    private var graceTimer: LoopTimer?
    private var isStopping = false
    private var hasGivenUp = false

    /// Milliseconds for clients to read their last answer.
    private static let lastWords: UInt64 = 1000

    /// Builds worker number `number`, which tells `boards` how it is doing.
    init(
        _ number: Int,
        api: ServedAPI,
        configuration: GatewayConfiguration,
        signIn: SharedSignIn?,
        listener: consuming ListeningSocket,
        boards: WorkerBoards
    ) throws(GatewayError) {
        self.number = number
        health = boards.health
        upstreams = boards.upstreams
        metrics = boards.metrics
        grace = configuration.shutdownGrace
        do {
            loop = try EventLoop()
        } catch {
            throw GatewayError("\(error)")
        }
        observer = RequestObserver(boards.accessLog, on: loop)
        channel = GRPCChannel(
            loop: loop,
            configuration: configuration.channel,
            statistics: observer.metrics.channel
        )
        let pipeline: RequestPipeline
        do {
            pipeline = RequestPipeline(
                api: api,
                configuration: configuration,
                channel: channel,
                signIn: try SignIn(
                    signIn,
                    channel: channel,
                    configuration: configuration,
                    metrics: observer.metrics,
                    on: loop
                ),
                observer: observer,
                loop: loop
            )
        } catch {
            channel.close()
            observer.close()
            loop.close()
            throw GatewayError("\(error)")
        }
        self.pipeline = pipeline
        do {
            server = try HTTPServer(listener: listener, on: loop, configuration: configuration.server) {
                pipeline.handle($0, $1)
            }
        } catch {
            channel.close()
            pipeline.close()
            observer.close()
            loop.close()
            throw GatewayError("\(error)")
        }
        do {
            stopper = try Waker(on: loop) { [unowned self] in beginStopping() }
            metricsWaker = try Waker(on: loop) { [unowned self] in
                self.metrics.answer(self.number) { self.snapshot() }
            }
        } catch {
            close()
            throw GatewayError("\(error)")
        }
        server.onEnd = { [unowned self] exchange in
            observer.finish(exchange) { self.pipeline.clientAddress(of: exchange) }
        }
        if let metricsWaker { metrics.enter(number, metricsWaker) }
        hook = TurnHook(on: loop) { [unowned self] hook in turn(hook) }
        channel.onStateChange = { [unowned self] in
            self.health.update(self.number, self.channel.state, self.channel.snapshot())
            self.upstreams.update(self.health.read())
        }
        let logger = configuration.logger
        channel.onRetry = { path, retries, reason in
            logger.debug(
                "a call is made anew",
                metadata: ["method": "\(path.dropFirst())", "retry": "\(retries)", "after": "\(reason.code)"]
            )
        }
        // So that the first request finds a connection.
        channel.connect()
        graceTimer = LoopTimer(on: loop) { [unowned self] in
            // Answers the waiting requests 503 and ends streams with an error. Clients that read get what is theirs; a
            // request that is still on its way is cut off.
            guard !hasGivenUp else { return loop.stop() }
            hasGivenUp = true
            channel.close()
            pipeline.close()
            graceTimer?.start(afterMilliseconds: Worker.lastWords)
        }
    }

    /// Serves until ``stop()`` and frees everything.
    func run() {
        loop.run()
        close()
    }

    /// Asks the worker to finish what it has begun and to end; from any thread.
    func stop() {
        stopper?.wake()
    }

    /// Before each poll: the HTTP side first, so that the calls it starts leave in this turn's one write.
    private func turn(_ hook: TurnHook) {
        let runsAgain = server.runIfNeeded()
        channel.flush()
        hook.runsAgainAtOnce = runsAgain
        if isStopping && server.exchangesInProgress == 0 { loop.stop() }
    }

    /// What there is to tell of this worker, on its own thread.
    private func snapshot() -> WorkerSnapshot {
        var snapshot = observer.metrics.snapshot()
        snapshot.requestsInFlight = server.exchangesInProgress
        snapshot.connections = server.connectionCount
        snapshot.acceptedConnections = server.acceptedConnections
        snapshot.waitingCalls = channel.waitingCallCount
        snapshot.waitingForSignIn = pipeline.waitingForSignIn
        snapshot.upstreams = channel.snapshot()
        return snapshot
    }

    private func beginStopping() {
        guard !isStopping else { return }
        isStopping = true
        server.stopListening()
        pipeline.endsConnections = true
        graceTimer?.start(afterMilliseconds: grace)
    }

    /// Frees everything; idempotent, and also for a worker that never ran.
    func close() {
        hook?.close()
        stopper?.close()
        graceTimer?.close()
        channel.close()
        pipeline.close()
        server.close()
        // What closing has ended is counted too.
        observer.close()
        metrics.leave(number, snapshot())
        metricsWaker?.close()
        loop.close()
    }
}
