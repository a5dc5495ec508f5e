package import EventLoop
internal import Glibc
internal import Logging

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

    enum Stage {
        case serving
        case stopping
        /// What has begun is not waited for.
        case hurrying
    }

    let listeners: ListenerGroup
    let workers: [Worker]
    /// The main thread's: signals and the admin listener.
    let loop: EventLoop
    let shared: WorkerShare
    private let admin: AdminServer?
    let configurationPage: ConfigurationPage
    let services: ServiceManager?
    let watchdog: Watchdog?
    /// What is served, or is about to be.
    var generation: Generation
    var stage = Stage.serving
    /// Runs while readiness says that a stop is near.
    var delay: LoopTimer?

    /// Opens the sockets and builds the workers; nothing is served before ``run(onListening:reload:)``.
    package init(api: ServedAPI, configuration: GatewayConfiguration) throws(GatewayError) {
        // A peer that closes early must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // A signal that comes before run() can hear of it must wait, not end the process.
        Gateway.mask(SIG_BLOCK)
        ProcessMemory.giveBackLargeBlocks()
        ProcessMemory.giveBackFreed()
        ProcessMemory.giveBackCode()
        if let warning = OpenFileLimit.warning(configuration, limit: OpenFileLimit.raise()) {
            configuration.logger.warning("\(warning)")
        }
        let count = max(1, configuration.workers)
        let shared = try WorkerShare(configuration, workers: count)
        let page = ConfigurationPage(configuration.listing)
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
        var workers: [Worker] = []
        var admin: AdminServer?
        let watchdog: Watchdog?
        do {
            admin = try configuration.adminListen.map { address throws(GatewayError) in
                let sources = AdminServer.Sources(
                    health: shared.health,
                    metrics: shared.metrics,
                    configuration: page,
                    accessLog: shared.accessLog
                )
                return try AdminServer(address, socket: configuration.adminListenSocket, on: loop, sources)
            }
            for number in 0..<count {
                let listener = try listeners.makeSocket()
                workers.append(try Worker(number, generation: generation, listener: listener, shared: shared))
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
        self.shared = shared
        self.generation = generation
        self.workers = workers
        self.admin = admin
        self.watchdog = watchdog
        configurationPage = page
        services = configuration.serviceManager
    }

    private static func listen(_ configuration: GatewayConfiguration, count: Int) throws(UVError) -> ListenerGroup {
        if let socket = configuration.listenSocket { return try ListenerGroup(socket) }
        return try ListenerGroup(configuration.listen, count: count, access: configuration.listenAccess)
    }

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

    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    package var address: SocketAddress { listeners.address }

    /// That of the admin listener.
    package var adminAddress: SocketAddress? { admin?.address }

    var logger: Logger { generation.configuration.logger }

    /// Serves until SIGINT or SIGTERM, then lets requests in flight finish; to be called once.
    ///
    /// The admin listener goes on answering until the last of them is done. `onListening` is called when all workers run,
    /// and `reload` on SIGHUP, to read the configuration anew; where that is not good, it says so and answers nil.
    package func run(
        onListening: () -> Void,
        reload: @escaping () -> Reading? = { nil }
    ) throws(GatewayError) -> Ending {
        try shared.accessLog?.start()
        defer { shared.accessLog?.close() }
        do throws(UVError) {
            let threads = try startWorkers()
            logger.info("started", metadata: ["listen": "\(address)", "workers": "\(workers.count)"])
            onListening()
            services?.notify(.ready, .status("serving on \(address)"))
            watchdog?.start()
            ProcessMemory.giveBackCode()
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
        logger.info("stopped")
        return stage == .hurrying ? .hurried : .orderly
    }

    /// Once no worker is left.
    private func closeMainLoop() {
        watchdog?.close()
        admin?.close()
        loop.close()
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
}
