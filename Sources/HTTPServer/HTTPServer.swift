internal import CMicroHTTPD
package import EventLoop
internal import Glibc

/// An HTTP/1.1 server on libmicrohttpd, driven by one event loop (external epoll mode).
///
/// The daemon has no thread of its own: its epoll descriptor is watched by the loop, and ``runIfNeeded()`` does its
/// work. Everything happens on the loop's thread.
package final class HTTPServer {
    package struct Configuration: Sendable {
        /// Largest request body in bytes; a larger one is answered 413 with ``Exchange/bodyIsTooLarge`` set.
        package var maximumBodySize = 4 << 20
        /// Bytes for the header blocks of one connection's request and answer together.
        ///
        /// libmicrohttpd clears all of it after each request, so more than needed costs time as well as memory.
        package var connectionMemory = 16 << 10
        /// Of ``connectionMemory``, what a request's header block may take; a larger one is answered with
        /// ``Exchange/headerIsTooLarge`` set.
        package var maximumHeaderSize: Int {
            get { connectionMemory - Configuration.answerMemory }
            set { connectionMemory = newValue + Configuration.answerMemory }
        }
        /// Bytes that are left for the header block of an answer.
        private static let answerMemory = 2048
        /// Connections of this server at once, above which libmicrohttpd lets more wait in the listening socket's backlog,
        /// silently; for a clear answer, and a limit that servers share, there is ``ConnectionLedger``.
        package var maximumConnections: UInt32 = 1 << 20
        /// Milliseconds from the first byte of a request line, or from a connection's start, until the header block must
        /// be there.
        ///
        /// A request whose line has come is then answered with ``RequestFault/lateHeader``; before that there is nobody to
        /// answer. Of a connection that has been used before, the line has ``idleTimeout``.
        package var headerTimeout: UInt64 = 10_000
        /// Milliseconds that any body may take; one that takes longer must have come at ``minimumBodyRate`` ever since, or
        /// is answered with ``RequestFault/lateBody``.
        package var bodyTimeout: UInt64 = 30_000
        /// Bytes a second that count as progress of a body.
        package var minimumBodyRate = 500
        /// Milliseconds between an answer and the next request line on the same connection, which is then closed; also
        /// the longest silence while a client reads an answer.
        package var idleTimeout: UInt64 = 75_000
        /// With these, HTTPS is spoken and nothing else; see also ``HTTPServer/replaceCredentials(_:)``.
        package var tls: ServerCredentials?

        package init() {}
    }

    /// Answers a request, now or later, through the writer it is given.
    package typealias Handler = (Exchange, consuming ResponseWriter) -> Void

    private(set) var configuration: Configuration
    let handler: Handler
    let waiting: WaitingExchanges
    let bodies: BodyMemory
    let watch: ConnectionWatch
    let lingering: LingeringSockets
    let deadEnd: DeadEnd
    /// Who else has connections, nil where they are not counted.
    let connections: ConnectionLedger?
    let load: RequestLoad
    /// Makes what is written to a connection of which no request is known; nil to close it without a word.
    package var onRefusal: ((RefusalCause) -> ConnectionRefusal?)?
    /// Whether the handler would refuse a request whatever its body holds; nil for never.
    ///
    /// Asked where a client waits for leave to send that. The handler is then called at once, and must answer.
    package var refusesUnread: ((Exchange) -> Bool)?
    let loop: EventLoop
    /// Nil without TLS.
    private(set) var handshakes: Handshakes?
    /// What new connections get.
    private var credentials: ServerCredentials?
    private var daemon: OpaquePointer?
    private var watcher: DescriptorWatcher?
    private var timer: LoopTimer?
    private var timerIsArmed = false
    private var needsRun = true
    /// Runs that libmicrohttpd has asked for since it last came to rest, or moved a piece of a body.
    private var unprovokedRuns = 0
    private var lastLookAtBodies: UInt64 = 0
    /// The listening socket is closed.
    private(set) var isQuiesced = false
    /// The daemon's, until then.
    let listenerDescriptor: Int32
    /// Whether nobody else listens on the same socket.
    let ownsListener: Bool
    /// Set once the server is to end.
    var drain: Drain?
    /// libmicrohttpd has taken a piece of a streamed body.
    var hasFetchedBody = false
    /// Runs since libmicrohttpd has called for anything new, or got an answer.
    var silentRuns = 0
    /// Requests whose answer it asks for in each run.
    var polledExchanges = 0
    /// What is to be called as soon as no function of libmicrohttpd is on the stack.
    private var hooks: [() -> Void] = []
    /// ``close()`` has begun: no request is handled any more.
    private(set) var isClosing = false
    /// Called once for each request that has begun, when the last byte of its answer is sent or its connection is lost.
    ///
    /// Target, method and header fields are lent once more for the length of the call, which must neither answer nor
    /// close: libmicrohttpd is on the stack.
    package var onEnd: ((Exchange) -> Void)?
    /// Connections that there were so far.
    package internal(set) var acceptedConnections: UInt64 = 0
    /// Requests that have begun so far.
    package internal(set) var begunExchanges: UInt64 = 0
    /// Requests that have begun and whose last byte has not been sent.
    package internal(set) var exchangesInProgress = 0

    /// Serves connections of `listener`, calling `handler` once for each complete request.
    ///
    /// - Parameters:
    ///   - listener: the socket, which is the server's from now on.
    ///   - loop: all that follows happens on its thread.
    ///   - configuration: limits of this server alone.
    ///   - connections: limits that several servers share.
    ///   - load: counts the requests of all of the thread's servers.
    ///   - handler: to be called in ``runIfNeeded()``.
    /// - Throws: ``HTTPServerError`` where the system has no more sockets or memory to give.
    package init(
        listener: consuming ListeningSocket,
        on loop: EventLoop,
        configuration: Configuration,
        connections: ConnectionLedger? = nil,
        load: RequestLoad = RequestLoad(),
        handler: @escaping Handler
    ) throws(HTTPServerError) {
        self.loop = loop
        self.configuration = configuration
        self.connections = connections
        self.load = load
        self.handler = handler
        deadEnd = try DeadEnd()
        waiting = WaitingExchanges(on: loop)
        bodies = BodyMemory(on: loop)
        watch = ConnectionWatch(configuration, on: loop)
        lingering = LingeringSockets(on: loop)
        ownsListener = !listener.isInherited
        let descriptor = listener.takeDescriptor()
        listenerDescriptor = descriptor
        // Rule (a): we own the daemon and stop it in close(), so it borrows us without a retain.
        let context = Unmanaged.passUnretained(self).toOpaque()
        var flags = MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ERROR_LOG.rawValue
        credentials = configuration.tls
        if credentials != nil {
            flags |= MHD_USE_TLS.rawValue
            handshakes = Handshakes(on: loop) { [unowned self] in wakeUp() }
        }
        var options = HTTPServer.options(configuration, listener: descriptor, context: context)
        daemon = gateway_mhd_start(flags, HTTPServer.accessHandler, context, &options)
        guard daemon != nil else {
            // libmicrohttpd has closed the listening socket.
            waiting.close()
            bodies.close()
            watch.close()
            throw HTTPServerError(message: "libmicrohttpd did not start")
        }
        do {
            watcher = try DescriptorWatcher(gateway_mhd_epoll_fd(daemon), for: .readable, on: loop) { [unowned self] in
                needsRun = true
            }
        } catch {
            close()
            throw HTTPServerError(message: error.description)
        }
        timer = LoopTimer(on: loop) { [unowned self] in
            timerIsArmed = false
            needsRun = true
        }
    }

    deinit {
        assert(daemon == nil, "an HTTPServer must be closed")
    }

    /// Does the work that is due: accepts, reads, calls the handler, writes.
    ///
    /// Call it once before each poll.
    ///
    /// - Returns: whether there is more to do at once.
    package func runIfNeeded() -> Bool {
        guard needsRun, let daemon else { return false }
        needsRun = false
        silentRuns += 1
        MHD_run(daemon)
        if hasFetchedBody {
            // What was fetched in one run is sent in the next; a message should leave in the turn that it came in.
            MHD_run(daemon)
            hasFetchedBody = false
            unprovokedRuns = 0
        }
        handshakes?.settle()
        runHooks()
        var milliseconds: UInt64 = 0
        // A hook may have closed the server.
        guard !isClosing else { return false }
        guard MHD_get_timeout(daemon, &milliseconds) == .YES else {
            unprovokedRuns = 0
            return needsRun
        }
        if milliseconds == 0, !isOnlyPolling { return runAgain() }
        unprovokedRuns = 0
        if milliseconds == 0 { return needsRun }
        if !timerIsArmed {
            // All connections share one timeout, so deadlines only move away: an armed timer is never late.
            timerIsArmed = true
            timer?.start(afterMilliseconds: milliseconds)
        }
        return needsRun
    }

    /// Whether the last runs have found nothing to do but to ask for answers that are not there.
    ///
    /// libmicrohttpd wants another run as long as it has to ask. It does much without a call: it reads on in a header block
    /// or a body that comes in pieces, sends, and clears up behind an answer, a step in each run. So it may rest only while
    /// all requests wait. Beside others those that are polled have it run a few times more, until they are suspended. A
    /// request line that does not fit into half of ``Configuration/connectionMemory`` is no request yet: it goes on with the
    /// next event, or with the next look at those who wait.
    private var isOnlyPolling: Bool {
        polledExchanges > 0 && waiting.count == exchangesInProgress && silentRuns > 1
    }

    /// Sees to another run at once, unless there have been too many in vain.
    ///
    /// A line before a chunk that fills all of a connection's memory has libmicrohttpd 0.9.75 wait busily for someone to
    /// make room, until the next byte shows that there is too much, or ``Configuration/bodyTimeout`` ends the request.
    /// Whatever others do meanwhile does not bring it to rest.
    private func runAgain() -> Bool {
        unprovokedRuns += 1
        if unprovokedRuns < HTTPServer.maximumUnprovokedRuns {
            needsRun = true
        } else if polledExchanges > 0 {
            // Which may be the reason, under load for long.
            needsRun = true
            if now &- lastLookAtBodies > HTTPServer.timeBetweenLooks { lookAtBodies() }
        } else {
            if unprovokedRuns % HTTPServer.unprovokedRunsBetweenLooks == 0 { lookAtBodies() }
            timerIsArmed = true
            timer?.start(afterMilliseconds: 1)
        }
        return needsRun
    }

    /// More than it takes to send a large answer to a client that reads fast.
    private static let maximumUnprovokedRuns = 1000
    /// Beyond that there is a run each millisecond.
    private static let unprovokedRunsBetweenLooks = 100
    /// The same in nanoseconds.
    private static let timeBetweenLooks: UInt64 = 100_000_000

    private func lookAtBodies() {
        lastLookAtBodies = now
        watch.endStuckBodies()
    }

    /// Goes by other limits and credentials from now on, as far as they are not fixed when the server starts.
    ///
    /// Fixed are ``Configuration/connectionMemory``, ``Configuration/maximumConnections`` and
    /// ``Configuration/idleTimeout``, and whether there is TLS.
    package func reconfigure(_ new: Configuration) {
        configuration.maximumBodySize = new.maximumBodySize
        configuration.headerTimeout = new.headerTimeout
        configuration.bodyTimeout = new.bodyTimeout
        configuration.minimumBodyRate = new.minimumBodyRate
        watch.reconfigure(configuration)
        if let credentials = new.tls { replaceCredentials(credentials) }
    }

    /// Has connections that are accepted from now on show another certificate; those that are open go on with theirs.
    ///
    /// Of a server in clear, nothing changes.
    package func replaceCredentials(_ credentials: ServerCredentials) {
        if self.credentials != nil { self.credentials = credentials }
    }

    var usesTLS: Bool { credentials != nil }

    /// The TLS of a connection that was just accepted, nil where it is in clear.
    func secure(_ connection: OpaquePointer) -> TLSConnection? {
        guard let credentials, let handshakes else { return nil }
        return TLSConnection(connection, credentials, handshakes)
    }

    /// Stops accepting connections at once; those that are open go on, those that wait in the kernel are lost.
    ///
    /// ``beginDraining()`` loses none.
    package func stopListening() {
        guard let daemon, !isQuiesced else { return }
        isQuiesced = true
        let descriptor = MHD_quiesce_daemon(daemon)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Closes everything; idempotent, and never to be called from within the handler, whose request would be gone.
    ///
    /// Requests still waiting for an answer must have been answered before. Of answers that are streamed, what has been
    /// written is sent as far as the client's socket takes it; those that have not been finished are cut off.
    package func close() {
        guard let daemon, !isClosing else { return }
        stopListening()
        isClosing = true
        drain?.timer.close()
        watcher?.close()
        timer?.close()
        waiting.close()
        handshakes?.close()
        // libmicrohttpd panics on suspended connections, so a last run lets all of them resume. A piece of a streamed
        // body is fetched in one run and sent in the next.
        var milliseconds: UInt64 = 0
        var runs = 0
        repeat {
            MHD_run(daemon)
            runs += 1
        } while runs < HTTPServer.lastRuns && MHD_get_timeout(daemon, &milliseconds) == .YES && milliseconds == 0
        // Which libmicrohttpd would do behind the end of the socket.
        if handshakes != nil { watch.forEach { $0.tls?.sayGoodbye() } }
        MHD_stop_daemon(daemon)
        self.daemon = nil
        handshakes?.settle()
        bodies.close()
        watch.close()
        lingering.close()
        runHooks()
    }

    /// Most runs that a closing server takes to send what it has, enough for ``ResponseStream/highWater``.
    private static let lastRuns = 64

    /// Open connections, idle ones included.
    package var connectionCount: Int {
        guard let daemon else { return 0 }
        return Int(gateway_mhd_connection_count(daemon))
    }

    /// Nanoseconds of the monotonic clock.
    var now: UInt64 { loop.clock }

    /// Says that a run was of use: it has brought a piece of a body.
    func hasReceivedBody() {
        unprovokedRuns = 0
    }

    /// Says that a suspended exchange can go on.
    func wakeUp() {
        needsRun = true
    }

    /// Has `hook` called when libmicrohttpd has come to rest: for what it makes known while it is on the stack.
    func callSoon(_ hook: @escaping () -> Void) {
        hooks.append(hook)
        needsRun = true
    }

    private func runHooks() {
        while !hooks.isEmpty {
            let due = hooks
            hooks = []
            for hook in due { hook() }
        }
    }
}
