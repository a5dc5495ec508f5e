package import EventLoop
internal import Glibc

/// The running gateway: its workers, the sockets they listen on, and the admin listener.
package final class Gateway {
    private let listeners: ListenerGroup
    private let workers: [Worker]
    /// The main thread's: signals and the admin listener.
    private let loop: EventLoop
    private let health: HealthBoard
    private let admin: AdminServer?

    /// Opens the sockets and builds the workers; nothing is served before ``run()``.
    package init(api: ServedAPI, configuration: GatewayConfiguration) throws(GatewayError) {
        // A peer that closes early must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        DescriptorLimit.raise()
        ProcessMemory.giveBackLargeBlocks()
        // A stop asked for before run() can hear of it must wait, not end the process.
        Gateway.stopSignals(SIG_BLOCK)
        let count = max(1, configuration.workers)
        let health = HealthBoard(workers: count)
        let loop: EventLoop
        do throws(UVError) {
            loop = try EventLoop()
        } catch {
            throw GatewayError("\(error)")
        }
        do throws(UVError) {
            listeners = try ListenerGroup(configuration.listen, count: count)
        } catch {
            loop.close()
            throw GatewayError("cannot listen on \(configuration.listen): \(error)")
        }
        let signIn = SharedSignIn(configuration)
        var workers: [Worker] = []
        var admin: AdminServer?
        do {
            admin = try configuration.adminListen.map { address throws(GatewayError) in
                try AdminServer(address, on: loop, health: health)
            }
            for number in 0..<count {
                let listener = try listeners.makeSocket()
                workers.append(
                    try Worker(
                        number,
                        api: api,
                        configuration: configuration,
                        signIn: signIn,
                        listener: listener,
                        health: health
                    )
                )
            }
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
        self.workers = workers
        self.admin = admin
    }

    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    package var address: SocketAddress { listeners.address }

    /// That of the admin listener.
    package var adminAddress: SocketAddress? { admin?.address }

    /// Serves until SIGINT or SIGTERM, then lets requests in flight finish; to be called once.
    ///
    /// The admin listener goes on answering until the last of them is done. `onListening` is called when all workers run.
    package func run(onListening: () -> Void) throws(GatewayError) {
        do throws(UVError) {
            let threads = try startWorkers()
            onListening()
            do throws(UVError) {
                try runLoop(until: threads)
            } catch {
                for worker in workers { worker.stop() }
                for thread in threads { thread.join() }
                throw error
            }
            admin?.close()
            loop.close()
        } catch {
            listeners.removeSocketFile()
            admin?.close()
            loop.close()
            throw GatewayError("\(error)")
        }
    }

    private func startWorkers() throws(UVError) -> [LoopThread] {
        var threads: [LoopThread] = []
        do throws(UVError) {
            for worker in workers { threads.append(try LoopThread { worker.run() }) }
        } catch {
            // Those that run close themselves.
            for worker in workers[..<threads.count] { worker.stop() }
            for thread in threads { thread.join() }
            for worker in workers[threads.count...] { worker.close() }
            throw error
        }
        return threads
    }

    /// Waits for a signal and then for the workers to end.
    private func runLoop(until threads: [LoopThread]) throws(UVError) {
        var isStopping = false
        let stop = { [workers, listeners, health] in
            // Once only: a worker that has ended has no loop to wake any more.
            guard !isStopping else { return }
            isStopping = true
            health.beginStopping()
            listeners.removeSocketFile()
            for worker in workers { worker.stop() }
        }
        let interrupt = try SignalWatcher(SIGINT, on: loop, stop)
        defer { interrupt.close() }
        let terminate = try SignalWatcher(SIGTERM, on: loop, stop)
        defer { terminate.close() }
        let ended = try Waker(on: loop) { [loop] in loop.stop() }
        defer { ended.close() }
        // Waits for the others on a thread of its own, so that this one stays awake.
        let waiter = try LoopThread {
            for thread in threads { thread.join() }
            ended.wake()
        }
        Gateway.stopSignals(SIG_UNBLOCK)
        loop.run()
        // One that comes now must not end the process otherwise than the first.
        Gateway.stopSignals(SIG_BLOCK)
        waiter.join()
    }

    /// Changes the calling thread's mask, and that of the threads it starts, by SIGINT and SIGTERM.
    private static func stopSignals(_ how: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(how, &signals, nil)
    }
}
