package import EventLoop
internal import Glibc

/// The running gateway: its workers and the sockets they listen on.
package final class Gateway {
    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    package let address: SocketAddress
    package let workerCount: Int
    private let workers: [Worker]

    /// Opens the sockets and builds the workers; nothing is served before ``run()``.
    package init(api: ServedAPI, configuration: GatewayConfiguration) throws(GatewayError) {
        // A peer that closes early must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        var workers: [Worker] = []
        var address = configuration.listen
        for _ in 0..<max(1, configuration.workers) {
            let listener: ListeningSocket
            do {
                // With port 0, the first socket finds the port that the others share.
                listener = try ListeningSocket(address, sharesPort: configuration.workers > 1)
            } catch {
                throw GatewayError("cannot listen on \(address): \(error)")
            }
            address = listener.address
            workers.append(try Worker(api: api, configuration: configuration, listener: listener))
        }
        self.workers = workers
        self.address = address
        workerCount = workers.count
    }

    /// Serves until SIGINT or SIGTERM, then lets requests in flight finish.
    package func run() throws(GatewayError) {
        do throws(UVError) {
            let loop = try EventLoop()
            let stop = { [workers] in
                for worker in workers { worker.stop() }
                loop.stop()
            }
            let interrupt = try SignalWatcher(SIGINT, on: loop, stop)
            let terminate = try SignalWatcher(SIGTERM, on: loop, stop)
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
}
