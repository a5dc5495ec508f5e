import Glibc

/// A TLS server in front of another server on 127.0.0.1: ends TLS and passes the bytes on in clear.
///
/// Has a thread of its own and one for each connection. All of it may be called from any thread.
package final class TLSFront: Sendable {
    /// The port it listens on.
    package let port: UInt16
    private let state = Monitor(TLSFrontState())
    private let waker: Waker
    private let thread: BackgroundThread

    /// Starts listening.
    ///
    /// - Throws: ``SystemError`` where the system is out of descriptors or threads, or the identity cannot be used.
    package init(to upstreamPort: UInt16, _ options: TLSFrontOptions) throws(SystemError) {
        let credentials = try TLSFrontCredentials(options)
        let waker = try Waker()
        let listener = try Sockets.listen(port: 0)
        let state = state
        do throws(SystemError) {
            thread = try BackgroundThread {
                TLSFront.accept(from: listener.descriptor, waker, state) { descriptor, number in
                    TLSFrontConnection(
                        descriptor: descriptor,
                        number: number,
                        upstreamPort: upstreamPort,
                        credentials: credentials,
                        state: state
                    ).run()
                }
            }
        } catch {
            close(listener.descriptor)
            throw error
        }
        port = listener.port
        self.waker = waker
    }

    package convenience init(to upstream: ScriptedUpstream, _ options: TLSFrontOptions) throws(SystemError) {
        try self.init(to: upstream.port, options)
    }

    deinit {
        stop()
    }

    /// What has come so far, in the order of arrival.
    package var connections: [RecordedTLS] { state.read { $0.connections } }

    /// Waits until `condition` holds of all connections so far, or `timeout`, and returns them.
    package func waitForConnections(
        timeout: Duration = .seconds(5),
        until condition: ([RecordedTLS]) -> Bool
    ) -> [RecordedTLS] {
        _ = state.wait(for: timeout) { condition($0.connections) }
        return connections
    }

    /// Closes listener and connections and waits for the threads; later calls do nothing.
    package func stop() {
        state.update { state in
            state.isStopping = true
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        waker.wake()
        thread.join()
    }

    private static func accept(
        from listener: Int32,
        _ waker: Waker,
        _ state: Monitor<TLSFrontState>,
        _ serve: @escaping @Sendable (_ descriptor: Int32, _ number: Int) -> Void
    ) {
        var threads: [BackgroundThread] = []
        while !state.read({ $0.isStopping }) {
            var watched = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            poll(&watched, 2, -1)
            while let descriptor = Sockets.accept(from: listener) {
                // Blocking is what a thread of its own is for.
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
                guard let number = state.update({ $0.begin(descriptor) }) else {
                    close(descriptor)
                    continue
                }
                if let thread = try? BackgroundThread({ serve(descriptor, number) }) { threads.append(thread) }
            }
        }
        close(listener)
        for thread in threads { thread.join() }
    }
}
