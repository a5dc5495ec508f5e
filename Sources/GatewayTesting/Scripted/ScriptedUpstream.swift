import Glibc

/// An HTTP/2 server without TLS that gives answers no well-behaved server gives, and remembers what it was asked.
///
/// It listens on 127.0.0.1 and works on one thread of its own, so it answers while the test's thread blocks. A path
/// without a script is answered UNIMPLEMENTED. All of it may be called from any thread.
package final class ScriptedUpstream: Sendable {
    /// When a script starts.
    package enum Start: Sendable {
        /// As soon as the headers are there.
        case headers
        /// Once the client has ended its side of the stream.
        case endOfRequest
    }

    /// The port it listens on.
    package let port: UInt16
    private let shared: Monitor<UpstreamState>
    private let waker: Waker
    private let thread: BackgroundThread

    /// Starts listening; `port` 0 lets the system choose.
    ///
    /// - Parameters:
    ///   - port: where to listen on 127.0.0.1; a ``PortReservation`` lets one come back where another was stopped.
    ///   - behavior: how each connection is treated, by its number, from 1.
    /// - Throws: ``SystemError`` where the port is taken or the system is out of descriptors or threads.
    package init(
        port: UInt16 = 0,
        behavior: @escaping @Sendable (_ connection: Int) -> ConnectionBehavior = { _ in .standard }
    ) throws(SystemError) {
        let shared = Monitor(UpstreamState(behavior: behavior))
        let waker = try Waker()
        let listener = try Sockets.listen(port: port)
        do throws(SystemError) {
            thread = try BackgroundThread {
                guard let poller = try? Poller() else {
                    close(listener.descriptor)
                    return
                }
                var loop = UpstreamLoop(
                    listener: listener.descriptor,
                    waker: waker,
                    shared: shared,
                    poller: poller
                )
                loop.run()
            }
        } catch {
            close(listener.descriptor)
            throw error
        }
        self.port = listener.port
        self.shared = shared
        self.waker = waker
    }

    deinit {
        stop()
    }

    /// `127.0.0.1:PORT`.
    package var address: String { "127.0.0.1:\(port)" }

    // MARK: Scripts

    /// Answers requests for `path` with what `script` makes of each; replaces an earlier script.
    ///
    /// `script` runs on the upstream's thread and must not call ``stop()``.
    package func on(
        _ path: String,
        at start: Start = .endOfRequest,
        _ script: @escaping @Sendable (RecordedRequest) -> Script
    ) {
        shared.update { $0.registrations[path] = UpstreamState.Registration(start: start, script: script) }
    }

    /// Answers the first request for `path` with the first script and so on; the last one repeats.
    package func on(_ path: String, at start: Start = .endOfRequest, _ first: Script, _ more: Script...) {
        let scripts = [first] + more
        on(path, at: start) { request in scripts[min(request.ordinal, scripts.count - 1)] }
    }

    /// Does `action` to one connection by its number, or to all that are open.
    package func perform(_ action: ConnectionAction, onConnection connection: Int? = nil) {
        shared.update { $0.commands.append(UpstreamState.Command(action: action, connection: connection)) }
        waker.wake()
    }

    /// Closes listener and connections and waits for the thread; later calls do nothing.
    package func stop() {
        shared.update { $0.isStopping = true }
        waker.wake()
        thread.join()
    }

    // MARK: What it has seen

    /// All requests so far, in the order of their arrival.
    package var requests: [RecordedRequest] { shared.read { $0.requests } }

    /// Requests for `path` so far.
    package func requests(for path: String) -> [RecordedRequest] {
        shared.read { state in state.requests.filter { $0.path == path } }
    }

    package var connections: [RecordedConnection] { shared.read { $0.connections } }
    package var acceptedConnections: Int { shared.read { $0.connections.count } }
    package var openConnections: Int { shared.read { state in state.connections.count { $0.isOpen } } }
    /// What the client did against the protocol, in nghttp2's words; empty for a good client.
    package var violations: [String] { shared.read { $0.violations } }

    /// Waits until `count` requests have come in full (END_STREAM) and returns all requests; fewer after `timeout`.
    package func waitForRequests(_ count: Int, timeout: Duration = .seconds(5)) -> [RecordedRequest] {
        waitForRequests(timeout: timeout) { requests in requests.count { $0.isComplete } >= count }
    }

    /// Waits until `condition` holds of all requests so far, or `timeout`, and returns them.
    package func waitForRequests(
        timeout: Duration = .seconds(5),
        until condition: ([RecordedRequest]) -> Bool
    ) -> [RecordedRequest] {
        _ = shared.wait(for: timeout) { condition($0.requests) }
        return requests
    }

    /// Waits until `condition` holds of all connections so far, or `timeout`, and returns them.
    package func waitForConnections(
        timeout: Duration = .seconds(5),
        until condition: ([RecordedConnection]) -> Bool
    ) -> [RecordedConnection] {
        _ = shared.wait(for: timeout) { condition($0.connections) }
        return connections
    }
}
