internal import Bytes
internal import EventLoop
internal import GRPCChannel
internal import HTTPServer

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
    private var hook: TurnHook?
    private var stopper: Waker?
    private var graceTimer: LoopTimer?
    private var isStopping = false
    private var hasGivenUp = false

    /// Milliseconds for clients to read their last answer.
    private static let lastWords: UInt64 = 1000

    /// Builds worker number `number`, which tells `health` of its channel.
    init(
        _ number: Int,
        api: ServedAPI,
        configuration: GatewayConfiguration,
        signIn: SharedSignIn?,
        limits: SharedLimits,
        listener: consuming ListeningSocket,
        health: HealthBoard
    ) throws(GatewayError) {
        self.number = number
        self.health = health
        grace = configuration.shutdownGrace
        do {
            loop = try EventLoop()
        } catch {
            throw GatewayError("\(error)")
        }
        channel = GRPCChannel(loop: loop, configuration: configuration.channel)
        let load = RequestLoad()
        let pipeline: RequestPipeline
        do {
            pipeline = RequestPipeline(
                api: api,
                configuration: configuration,
                channel: channel,
                signIn: try SignIn(signIn, channel: channel, configuration: configuration, on: loop),
                limits: limits,
                load: load,
                loop: loop
            )
        } catch {
            channel.close()
            loop.close()
            throw GatewayError("\(error)")
        }
        self.pipeline = pipeline
        do {
            server = try HTTPServer(
                listener: listener,
                on: loop,
                configuration: configuration.server,
                connections: limits.connections,
                load: load
            ) { pipeline.handle($0, $1) }
            server.onRefusal = { pipeline.refusal(for: $0) }
        } catch {
            channel.close()
            pipeline.close()
            loop.close()
            throw GatewayError("\(error)")
        }
        do {
            stopper = try Waker(on: loop) { [unowned self] in beginStopping() }
        } catch {
            close()
            throw GatewayError("\(error)")
        }
        hook = TurnHook(on: loop) { [unowned self] hook in turn(hook) }
        channel.onStateChange = { [unowned self] in
            self.health.update(self.number, self.channel.state, self.channel.snapshot())
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
        loop.close()
    }
}
