internal import EventLoop
internal import Glibc
internal import Logging

/// What the operator asks for by signals, on the main thread.
extension Gateway {
    /// Handles signals until the workers have ended.
    func runLoop(until threads: [LoopThread], _ reload: @escaping () -> Reading?) throws(UVError) {
        var stops: [SignalWatcher] = []
        defer {
            for watcher in stops { watcher.close() }
            // They hold each other: what a watcher calls closes all of them.
            stops = []
            delay?.close()
        }
        let stop = { [unowned self] in
            askToStop()
            // From the third one on, a signal does what it does by itself.
            guard stage == .hurrying else { return }
            for watcher in stops { watcher.close() }
        }
        for number in [SIGINT, SIGTERM] { stops.append(try SignalWatcher(number, on: loop, stop)) }
        // Those that come while one is read are one more, behind a stop that comes with them.
        let reloading = LoopTimer(on: loop) { [unowned self] in change(to: reload) }
        defer { reloading.close() }
        let hangUp = try SignalWatcher(SIGHUP, on: loop) { reloading.start(afterMilliseconds: 0) }
        defer { hangUp.close() }
        let user = try SignalWatcher(SIGUSR1, on: loop) { [unowned self] in generation.configuration.onUserSignal?() }
        defer { user.close() }
        let news = try Waker(on: loop) { [unowned self] in takeProgress() }
        defer { news.close() }
        shared.progress.open(news)
        defer { shared.progress.close() }
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

    /// Changes the calling thread's mask, and that of the threads it starts, by the signals that are handled.
    static func mask(_ how: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] { sigaddset(&signals, number) }
        pthread_sigmask(how, &signals, nil)
    }

    // MARK: - Stopping

    /// Milliseconds for the rest, once requests have had their time.
    private static let farewell: UInt64 = 5000

    private func askToStop() {
        switch stage {
        case .serving:
            stage = .stopping
            logger.info("stopping; requests in flight may finish")
            shared.health.beginStopping()
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
        // The file may have been rotated, whatever the configuration is like.
        shared.accessLog?.reopen()
        guard let (api, configuration) = reload() else { return }
        generation = Generation(after: generation, api: api, configuration: configuration)
        configurationPage.replace(configuration.listing)
        shared.limits.apply(configuration)
        for worker in workers { worker.serve(generation) }
        ProcessMemory.giveBackFreed()
    }

    private func takeProgress() {
        let news = shared.progress.take()
        for failure in news.failures { logger.error("\(failure)") }
        if news.completed == generation.number { logger.notice("serving the new configuration") }
    }
}
