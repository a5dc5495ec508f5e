package import EventLoop
internal import Glibc

/// The running gateway: its workers and the sockets they listen on.
package final class Gateway {
    private let listeners: ListenerGroup
    private let workers: [Worker]

    /// Opens the sockets and builds the workers; nothing is served before ``run()``.
    package init(api: ServedAPI, configuration: GatewayConfiguration) throws(GatewayError) {
        // A peer that closes early must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // A stop asked for before run() can hear of it must wait, not end the process.
        Gateway.stopSignals(SIG_BLOCK)
        let count = max(1, configuration.workers)
        do throws(UVError) {
            listeners = try ListenerGroup(configuration.listen, count: count)
        } catch {
            throw GatewayError("cannot listen on \(configuration.listen): \(error)")
        }
        let signIn = SharedSignIn(configuration)
        var workers: [Worker] = []
        do {
            for _ in 0..<count {
                let listener = try listeners.makeSocket()
                workers.append(try Worker(api: api, configuration: configuration, signIn: signIn, listener: listener))
            }
        } catch {
            for worker in workers { worker.close() }
            listeners.removeSocketFile()
            throw GatewayError("\(error)")
        }
        listeners.closeUnused()
        self.workers = workers
    }

    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    package var address: SocketAddress { listeners.address }

    /// Serves until SIGINT or SIGTERM, then lets requests in flight finish.
    package func run() throws(GatewayError) {
        do throws(UVError) {
            let loop = try EventLoop()
            var isStopping = false
            let stop = { [workers, listeners] in
                // Once only: a worker that has ended has no loop to wake any more.
                guard !isStopping else { return }
                isStopping = true
                listeners.removeSocketFile()
                for worker in workers { worker.stop() }
                loop.stop()
            }
            let interrupt = try SignalWatcher(SIGINT, on: loop, stop)
            let terminate = try SignalWatcher(SIGTERM, on: loop, stop)
            Gateway.stopSignals(SIG_UNBLOCK)
            let threads = try workers.map { worker throws(UVError) in
                try LoopThread { worker.run() }
            }
            loop.run()
            for thread in threads { thread.join() }
            interrupt.close()
            terminate.close()
            loop.close()
        } catch {
            throw GatewayError("\(error)")
        }
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
