internal import Bytes
internal import EventLoop
internal import HTTPServer
internal import RPCCore

/// The listener for those who run the gateway, beside the workers on the main thread's loop.
///
/// - `/healthz` answers 200 as long as the process runs and each worker gives a sign of life.
/// - `/readyz` answers 200 while requests should be sent here and 503 otherwise, with what is known of each upstream.
/// - `/metrics` has what was counted, in Prometheus' text format.
/// - `/config` has the configuration in effect.
final class AdminServer {
    /// What there is to tell of.
    struct Sources {
        let health: HealthBoard
        let metrics: MetricsBoard
        let configuration: ConfigurationPage
        /// Nil where there is none.
        let accessLog: AccessLog?
    }

    /// A page, by its path; all are for GET and HEAD.
    private struct Page {
        let path: String
        let answer: (_ exchange: Exchange, _ writer: consuming ResponseWriter) -> Void
    }

    private let sources: Sources
    private let metrics: MetricsPage
    private let listeners: ListenerGroup
    private var server: HTTPServer?
    private var hook: TurnHook?
    private var requestIDs = RequestIDGenerator()
    private lazy var pages = [
        Page(path: "/healthz") { [unowned self] in answerHealth($0, $1) },
        Page(path: "/readyz") { [unowned self] in answerReadiness($0, $1) },
        Page(path: "/metrics") { [unowned self] in answerMetrics($0, $1) },
        Page(path: "/config") { [unowned self] in answerConfiguration($0, $1) },
    ]

    /// Listens on `address`, by `socket` if the process was started with it.
    init(
        _ address: SocketAddress,
        socket: PassedSocket?,
        on loop: EventLoop,
        _ sources: Sources
    ) throws(GatewayError) {
        self.sources = sources
        do throws(UVError) {
            if let socket {
                listeners = try ListenerGroup(socket)
            } else {
                listeners = try ListenerGroup(address, count: 1)
            }
        } catch {
            throw GatewayError("cannot listen on \(address) for --admin-listen: \(error)")
        }
        do throws(UVError) {
            metrics = try MetricsPage(sources.metrics, on: loop)
        } catch {
            listeners.removeSocketFile()
            throw GatewayError("\(error)")
        }
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodySize = 0
        configuration.headerTimeout = 2_000
        configuration.idleTimeout = 5_000
        do {
            let listener = try listeners.makeSocket()
            // Few ask. More are turned away at once: at a limit of its own, libmicrohttpd would leave them to wait, and does
            // not always notice that there is room again.
            server = try HTTPServer(
                listener: listener,
                on: loop,
                configuration: configuration,
                connections: ConnectionLedger(ConnectionLedger.Limits(total: AdminServer.maximumConnections))
            ) { [unowned self] exchange, writer in
                answer(exchange, writer)
            }
        } catch {
            metrics.close()
            listeners.removeSocketFile()
            throw GatewayError("cannot serve on \(address): \(error)")
        }
        listeners.closeUnused()
        hook = TurnHook(on: loop) { [unowned self] hook in hook.runsAgainAtOnce = server?.runIfNeeded() ?? false }
    }

    private static let maximumConnections = 256

    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    var address: SocketAddress { listeners.address }

    /// Ends it; idempotent.
    func close() {
        hook?.close()
        metrics.close()
        server?.close()
        listeners.removeSocketFile()
    }

    private func answer(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        if let fault = exchange.fault { return send(RequestFailure(fault), to: exchange, through: writer) }
        let path = RequestTarget(exchange.target).path
        guard let page = pages.first(where: { path.elementsEqual($0.path.utf8) }) else {
            let failure = RequestFailure.routeNotFound(method: text(exchange.method), path: text(path))
            return send(failure, to: exchange, through: writer)
        }
        guard exchange.method.equals("GET") || exchange.method.equals("HEAD") else {
            let failure = RequestFailure.methodNotAllowed(
                method: text(exchange.method),
                path: text(path),
                allow: "GET, HEAD"
            )
            return send(failure, to: exchange, through: writer)
        }
        page.answer(exchange, writer)
    }

    // MARK: - Pages

    private func answerHealth(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        let waiting = WaitingAnswer(exchange, writer)
        // The counts themselves do not matter, only that all have them to tell.
        metrics.ask { [unowned self] counts in
            guard let writer = waiting.writer.take() else { return }
            guard counts != nil else { return send(.workersSilent, to: waiting.exchange, through: writer) }
            var body = ByteBuffer()
            body.append("{\"status\":\"ok\"}\n")
            send(.ok, body, to: waiting.exchange, through: writer)
        }
    }

    private func answerReadiness(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        let report = sources.health.read()
        send(report.isReady ? .ok : .serviceUnavailable, report.json(), to: exchange, through: writer)
    }

    private func answerMetrics(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        let waiting = WaitingAnswer(exchange, writer)
        metrics.ask { [unowned self] counts in
            guard let writer = waiting.writer.take() else { return }
            guard let counts else {
                return send(.workersSilent, to: waiting.exchange, through: writer)
            }
            let dropped = sources.accessLog?.droppedLines
            let report = MetricsReport(counts, ProcessStatistics(), droppedLogLines: dropped)
            send(.ok, report.text(), Exposition.contentType, to: waiting.exchange, through: writer)
        }
    }

    private func answerConfiguration(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        var body = ByteBuffer()
        body.append(utf8: sources.configuration.text)
        body.append("\n")
        send(.ok, body, to: exchange, through: writer)
    }

    /// The right to answer a request later.
    private final class WaitingAnswer {
        let exchange: Exchange
        var writer: ResponseWriter?

        init(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
            self.exchange = exchange
            self.writer = .some(consume writer)
        }
    }

    // MARK: - Answers

    private func send(_ failure: RequestFailure, to exchange: Exchange, through writer: consuming ResponseWriter) {
        let body = ErrorDocument(failure).json()
        send(failure.status, body, allow: failure.allow, to: exchange, through: writer)
    }

    private func send(
        _ status: HTTPStatus,
        _ body: consuming ByteBuffer,
        _ contentType: StaticString = "application/json",
        allow: String? = nil,
        to exchange: Exchange,
        through writer: consuming ResponseWriter
    ) {
        writer.send(status: status.rawValue, body: body) { headers in
            headers.add("Content-Type", contentType)
            headers.add("Cache-Control", "no-store")
            headers.add("X-Content-Type-Options", "nosniff")
            headers.add("X-Request-Id", text: requestIDs.next(for: exchange))
            if let allow { headers.add("Allow", text: allow) }
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension RequestFailure {
    /// A worker is stuck, or has so much to do that it does not come to it.
    fileprivate static let workersSilent = RequestFailure(
        status: .serviceUnavailable,
        code: .unavailable,
        message: "not all workers have answered within 5 seconds",
        details: .reason("WORKERS_SILENT")
    )
}
