package import EventLoop
internal import Glibc

/// The running gateway: its workers, the sockets they listen on, and the admin listener.
///
/// Everything here happens on the main thread.
package final class Gateway {
    /// How a gateway came to its end.
    package enum Ending: Hashable, Sendable {
        /// All requests that had begun were answered, or the time for that was up.
        case orderly
        /// It was asked a second time, and did not wait.
        case hurried
    }

    /// A configuration to be served, read anew.
    package typealias Reading = (api: ServedAPI, configuration: GatewayConfiguration)

    private let listeners: ListenerGroup
    private let workers: [Worker]
    /// The main thread's: signals and the admin listener.
    private let loop: EventLoop
    private let health: HealthBoard
    private let admin: AdminServer?
    private let progress: ReloadProgress
    private let limits: SharedLimits
    private let services: ServiceManager?
    private let watchdog: Watchdog?
    /// What is served, or is about to be.
    private var generation: Generation
    private var stage = Stage.serving
    /// Runs while readiness says that a stop is near.
    private var delay: LoopTimer?

    private enum Stage {
        case serving
        case stopping
        /// What has begun is not waited for.
        case hurrying
    }

    /// Opens the sockets and builds the workers; nothing is served before ``run(onListening:reload:)``.
    package init(api: ServedAPI, configuration: GatewayConfiguration) throws(GatewayError) {
        // A peer that closes early must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // A signal that comes before run() can hear of it must wait, not end the process.
        Gateway.mask(SIG_BLOCK)
        if let warning = OpenFileLimit.warning(configuration, limit: OpenFileLimit.raise()) {
            configuration.warn(warning)
        }
        let count = max(1, configuration.workers)
        let health = HealthBoard(workers: count)
        let progress = ReloadProgress(workers: count)
        let loop: EventLoop
        do throws(UVError) {
            loop = try EventLoop()
        } catch {
            throw GatewayError("\(error)")
        }
        do throws(UVError) {
            listeners = try Gateway.listen(configuration, count: count)
        } catch {
            loop.close()
            throw GatewayError("cannot listen on \(configuration.listen): \(error)")
        }
        let generation = Generation(api: api, configuration: configuration)
        let limits = SharedLimits(configuration)
        var workers: [Worker] = []
        var admin: AdminServer?
        let watchdog: Watchdog?
        do {
            admin = try configuration.adminListen.map { address throws(GatewayError) in
                try AdminServer(address, socket: configuration.adminListenSocket, on: loop, health: health)
            }
            for number in 0..<count {
                let listener = try listeners.makeSocket()
                workers.append(
                    try Worker(
                        number,
                        generation: generation,
                        limits: limits,
                        listener: listener,
                        health: health,
                        progress: progress
                    )
                )
            }
            watchdog = try Gateway.makeWatchdog(configuration.serviceManager, over: workers, on: loop)
        } catch {
            for worker in workers { worker.close() }
            admin?.close()
            listeners.removeSocketFile()
            loop.close()
            throw GatewayError("\(error)")
        }
        listeners.closeUnused()
        self.loop = loop
        self.health = health
        self.progress = progress
        self.limits = limits
        self.generation = generation
        self.workers = workers
        self.admin = admin
        self.watchdog = watchdog
        services = configuration.serviceManager
    }

    private static func listen(_ configuration: GatewayConfiguration, count: Int) throws(UVError) -> ListenerGroup {
        if let socket = configuration.listenSocket { return try ListenerGroup(socket) }
        return try ListenerGroup(configuration.listen, count: count, access: configuration.listenAccess)
    }

    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    package var address: SocketAddress { listeners.address }

    /// That of the admin listener.
    package var adminAddress: SocketAddress? { admin?.address }

    /// Serves until SIGINT or SIGTERM, then lets requests in flight finish; to be called once.
    ///
    /// The admin listener goes on answering until the last of them is done. `onListening` is called when all workers run,
    /// and `reload` on SIGHUP, to read the configuration anew; where that is not good, it says so and answers nil.
    package func run(
        onListening: () -> Void,
        reload: @escaping () -> Reading? = { nil }
    ) throws(GatewayError) -> Ending {
        do throws(UVError) {
            let threads = try startWorkers()
            onListening()
            services?.notify(.ready, .status("serving on \(address)"))
            watchdog?.start()
            do throws(UVError) {
                try runLoop(until: threads, reload)
            } catch {
                watchdog?.stop()
                for worker in workers { worker.stop(.whenDone) }
                for thread in threads { thread.join() }
                throw error
            }
            closeMainLoop()
        } catch {
            listeners.removeSocketFile()
            closeMainLoop()
            throw GatewayError("\(error)")
        }
        return stage == .hurrying ? .hurried : .orderly
    }

    /// Once no worker is left.
    private func closeMainLoop() {
        watchdog?.close()
        admin?.close()
        loop.close()
    }

    /// Milliseconds for the rest, once requests have had their time.
    private static let farewell: UInt64 = 5000

    /// Nil where nobody watches.
    private static func makeWatchdog(
        _ services: ServiceManager?,
        over workers: [Worker],
        on loop: EventLoop
    ) throws(UVError) -> Watchdog? {
        guard let services, let timeout = services.watchdogTimeout else { return nil }
        let watchdog = try Watchdog(timeout, count: workers.count, on: loop) { worker in
            workers[worker].ping()
        } onLife: {
            services.notify(.watchdog)
        }
        // It is closed when no worker runs any more, and freed with them.
        for (number, worker) in workers.enumerated() {
            worker.onPing = { [unowned watchdog] in watchdog.answer(number) }
        }
        return watchdog
    }

    private func startWorkers() throws(UVError) -> [LoopThread] {
        var threads: [LoopThread] = []
        do throws(UVError) {
            for worker in workers { threads.append(try LoopThread { worker.run() }) }
        } catch {
            // Those that run close themselves.
            for worker in workers[..<threads.count] { worker.stop(.whenDone) }
            for thread in threads { thread.join() }
            for worker in workers[threads.count...] { worker.close() }
            throw error
        }
        return threads
    }

    /// Handles signals until the workers have ended.
    private func runLoop(until threads: [LoopThread], _ reload: @escaping () -> Reading?) throws(UVError) {
        var signals: [SignalWatcher] = []
        defer {
            for watcher in signals { watcher.close() }
            delay?.close()
        }
        let stop = { [unowned self] in
            askToStop()
            // From the third one on, a signal does what it does by itself.
            guard stage == .hurrying else { return }
            for watcher in signals { watcher.close() }
        }
        for number in [SIGINT, SIGTERM] { signals.append(try SignalWatcher(number, on: loop, stop)) }
        let hangUp = try SignalWatcher(SIGHUP, on: loop) { [unowned self] in change(to: reload) }
        defer { hangUp.close() }
        let news = try Waker(on: loop) { [unowned self] in takeProgress() }
        defer { news.close() }
        progress.open(news)
        defer { progress.close() }
        let ended = try Waker(on: loop) { [loop] in loop.stop() }
        defer { ended.close() }
        // Waits for the others on a thread of its own, so that this one stays awake.
        let waiter = try LoopThread {
            for thread in threads { thread.join() }
            ended.wake()
        }
        Gateway.mask(SIG_UNBLOCK)
        loop.run()
        // One that comes now must not end the process otherwise than the first.
        if stage != .hurrying { Gateway.mask(SIG_BLOCK) }
        waiter.join()
    }

    // MARK: - Stopping

    private func askToStop() {
        switch stage {
        case .serving:
            stage = .stopping
            health.beginStopping()
            // Workers that have ended have no loop to be asked on; a manager that was told of a stop does not watch.
            watchdog?.stop()
            let configuration = generation.configuration
            let time = configuration.shutdownDelay + configuration.shutdownGrace + Gateway.farewell
            services?.notify(
                .stopping,
                .status("finishing the requests in flight"),
                .extendTimeout(time * 1000)
            )
            delay = LoopTimer(on: loop) { [unowned self] in
                listeners.removeSocketFile()
                for worker in workers { worker.stop(.whenDone) }
            }
            delay?.start(afterMilliseconds: configuration.shutdownDelay)
        case .stopping, .hurrying:
            stage = .hurrying
            listeners.removeSocketFile()
            for worker in workers { worker.stop(.now) }
        }
    }

    // MARK: - Reloading

    /// Has what `reload` reads served, if it is good and the gateway goes on.
    private func change(to reload: () -> Reading?) {
        guard stage == .serving else { return }
        services?.notify(.reloading)
        // In any case: what it served before, it goes on to serve until the new is ready.
        defer { services?.notify(.ready) }
        guard let (api, configuration) = reload() else { return }
        generation = Generation(after: generation, api: api, configuration: configuration)
        limits.apply(configuration)
        for worker in workers { worker.serve(generation) }
    }

    private func takeProgress() {
        let news = progress.take()
        for failure in news.failures { generation.configuration.warn(failure) }
        if news.completed == generation.number { generation.configuration.note("serving the new configuration") }
    }

    /// Changes the calling thread's mask, and that of the threads it starts, by the signals that are handled.
    private static func mask(_ how: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(how, &signals, nil)
    }
}
