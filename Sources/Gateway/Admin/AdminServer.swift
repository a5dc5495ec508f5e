internal import Bytes
internal import EventLoop
internal import HTTPServer
internal import RPCCore

/// The listener for those who run the gateway, beside the workers on the main thread's loop.
///
/// `GET /healthz` answers 200 as long as the process runs. `GET /readyz` answers 200 while requests should be sent here
/// and 503 otherwise, with what is known of each upstream.
final class AdminServer {
    private let server: HTTPServer
    private let listeners: ListenerGroup
    private var hook: TurnHook?

    /// Listens on `address`, by `socket` if the process was started with it.
    init(
        _ address: SocketAddress,
        socket: PassedSocket?,
        on loop: EventLoop,
        health: HealthBoard
    ) throws(GatewayError) {
        do throws(UVError) {
            if let socket {
                listeners = try ListenerGroup(socket)
            } else {
                listeners = try ListenerGroup(address, count: 1)
            }
        } catch {
            throw GatewayError("cannot listen on \(address) for --admin-listen: \(error)")
        }
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodySize = 0
        // Few ask, and none of them may keep the others out.
        configuration.maximumConnections = 256
        configuration.idleTimeout = 5_000
        do {
            let listener = try listeners.makeSocket()
            server = try HTTPServer(listener: listener, on: loop, configuration: configuration) {
                AdminServer.answer($0, $1, health)
            }
        } catch {
            listeners.removeSocketFile()
            throw GatewayError("cannot serve on \(address): \(error)")
        }
        listeners.closeUnused()
        hook = TurnHook(on: loop) { [unowned server] hook in hook.runsAgainAtOnce = server.runIfNeeded() }
    }

    /// The address in effect, with the port that the kernel chose where 0 was asked for.
    var address: SocketAddress { listeners.address }

    /// Ends it; idempotent.
    func close() {
        hook?.close()
        server.close()
        listeners.removeSocketFile()
    }

    private static func answer(_ exchange: Exchange, _ writer: consuming ResponseWriter, _ health: HealthBoard) {
        let path = RequestTarget(exchange.target).path
        let isReadiness = path.elementsEqual("/readyz".utf8)
        guard isReadiness || path.elementsEqual("/healthz".utf8) else {
            return send(.routeNotFound(method: text(exchange.method), path: text(path)), through: writer)
        }
        guard exchange.method.elementsEqual("GET".utf8) || exchange.method.elementsEqual("HEAD".utf8) else {
            let failure = RequestFailure.methodNotAllowed(
                method: text(exchange.method),
                path: text(path),
                allow: "GET, HEAD"
            )
            return send(failure, through: writer)
        }
        guard isReadiness else {
            var body = ByteBuffer()
            body.append("{\"status\":\"ok\"}\n")
            return send(.ok, body, through: writer)
        }
        let report = health.read()
        send(report.isReady ? .ok : .serviceUnavailable, report.json(), through: writer)
    }

    private static func send(_ failure: RequestFailure, through writer: consuming ResponseWriter) {
        send(failure.status, ErrorDocument(failure).json(), allow: failure.allow, through: writer)
    }

    private static func send(
        _ status: HTTPStatus,
        _ body: consuming ByteBuffer,
        allow: String? = nil,
        through writer: consuming ResponseWriter
    ) {
        writer.send(status: status.rawValue, body: body) { headers in
            headers.add("Content-Type", "application/json")
            headers.add("Cache-Control", "no-store")
            headers.add("X-Content-Type-Options", "nosniff")
            if let allow { headers.add("Allow", text: allow) }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
