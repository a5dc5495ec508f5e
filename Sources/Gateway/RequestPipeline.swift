internal import Bytes
internal import EventLoop
internal import GRPCChannel
internal import HTTPRules
internal import HTTPServer
internal import ProtobufSchema
internal import RPCCore
internal import Transcoding

/// The walk of a request: target → route → protobuf → call, one per worker.
///
/// Whatever the gateway can tell by itself is answered at once and never reaches upstream.
final class RequestPipeline {
    private let api: ServedAPI
    private let configuration: GatewayConfiguration
    private let channel: GRPCChannel
    private let loop: EventLoop
    /// By route, in the order of the route table.
    private let methods: [PreparedMethod]
    private var requests: RequestTranscoder
    private var responses: ResponseTranscoder
    private var requestIDs = RequestIDGenerator()
    /// Whether each answer is the last one on its connection; set once the worker is to stop.
    var endsConnections = false

    init(api: ServedAPI, configuration: GatewayConfiguration, channel: GRPCChannel, loop: EventLoop) {
        self.api = api
        self.configuration = configuration
        self.channel = channel
        self.loop = loop
        methods = api.routes.routes.map { route in
            channel.prepare(
                MethodDescriptor(
                    service: route.service,
                    method: route.method,
                    isSafeToRepeat: route.isSafeToRepeat,
                    isServerStreaming: route.isServerStreaming
                )
            )
        }
        requests = RequestTranscoder(
            schema: api.schema,
            ignoresUnknownFields: configuration.json.ignoresUnknownFields
        )
        responses = ResponseTranscoder(schema: api.schema, options: configuration.json.printing)
    }

    /// Takes a complete request and sees to its answer.
    func handle(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        do throws(RequestFailure) {
            let transaction = try makeTransaction(exchange)
            transaction.writer = .some(consume writer)
            exchange.onHangUp = { [unowned transaction] in transaction.cancel() }
            channel.start(transaction)
        } catch {
            send(error, to: exchange, through: writer)
        }
    }

    private func makeTransaction(_ exchange: Exchange) throws(RequestFailure) -> Transaction {
        guard !exchange.headerIsTooLarge else {
            throw .headerTooLarge(limit: configuration.server.maximumHeaderSize)
        }
        guard exchange.target.count <= configuration.maximumTargetBytes else {
            throw .uriTooLong(limit: configuration.maximumTargetBytes)
        }
        guard !exchange.targetIsCutOff else { throw .invalidRequest("the request target holds a NUL", []) }
        let target = RequestTarget(exchange.target)
        var captures = PathCaptures()
        let index = try route(exchange, target.path, &captures)
        guard !exchange.bodyIsTooLarge else { throw .contentTooLarge(limit: configuration.maximumRequestBytes) }
        try checkContentType(exchange)

        let route = api.routes.routes[index]
        guard !route.isServerStreaming else { throw .streamingNotSupported(route.grpcPath) }
        var message = ByteBuffer(capacity: 256)
        MessageFraming.reservePrefix(&message)
        do throws(TranscodingError) {
            try transcode(exchange.body, target, captures, of: route, into: &message)
        } catch {
            throw .invalidRequest(error.message, error.violations)
        }
        return Transaction(
            exchange: exchange,
            route: route,
            pipeline: self,
            method: methods[index],
            message: message,
            metadata: try metadata(exchange),
            deadline: try deadline(exchange)
        )
    }

    private func route(
        _ exchange: Exchange,
        _ path: UnsafeRawBufferPointer,
        _ captures: inout PathCaptures
    ) throws(RequestFailure) -> Int {
        switch api.routes.match(method: exchange.method, path: path, captures: &captures) {
        case .match(let route, _):
            return route
        case .notFound:
            throw .routeNotFound(method: text(exchange.method), path: text(path))
        case .methodNotAllowed(let methods):
            throw .methodNotAllowed(
                method: text(exchange.method),
                path: text(path),
                allow: api.routes.allow(methods)
            )
        case .badRequest(let fault):
            throw .invalidRequest("the path is malformed: \(fault)", [])
        }
    }

    /// Puts path, query and body together into the request message.
    private func transcode(
        _ body: UnsafeRawBufferPointer,
        _ target: RequestTarget,
        _ captures: PathCaptures,
        of route: Route,
        into message: inout ByteBuffer
    ) throws(TranscodingError) {
        requests.begin(route.input)
        for index in 0..<captures.count {
            let variable = route.variables[index]
            try requests.addPathParameter(
                variable.fieldPath,
                value: captures.bytes(index, of: target.path),
                isMultiSegment: variable.isMultiSegment
            )
        }
        if !target.query.isEmpty { try requests.addQuery(target.query) }
        try requests.transcode(body: body, binding: route.body, into: &message)
    }

    private func checkContentType(_ exchange: Exchange) throws(RequestFailure) {
        guard !exchange.body.isEmpty, let type = exchange.header("content-type"), !MediaType.isJSON(type) else {
            return
        }
        throw .unsupportedMediaType(text(type))
    }

    /// What of the request's header fields goes along with the call.
    private func metadata(_ exchange: Exchange) throws(RequestFailure) -> Metadata {
        var metadata = Metadata()
        if let authorization = exchange.header("authorization") {
            // What a metadata value can be (PROTOCOL-HTTP2, "ASCII-Value"); no other credential may go on in its place.
            guard authorization.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else {
                throw .invalidRequest("Authorization holds what is not printable ASCII", [])
            }
            metadata.append("authorization", text(authorization))
        }
        return metadata
    }

    private func deadline(_ exchange: Exchange) throws(RequestFailure) -> Deadline {
        guard let header = exchange.header("grpc-timeout") else {
            return loop.turnStart().advanced(by: configuration.deadline)
        }
        guard let timeout = GRPCTimeout.parse(header) else {
            throw .invalidRequest(
                "Grpc-Timeout must be 1 to 8 digits and a unit (H, M, S, m, u or n), such as 10S",
                []
            )
        }
        return loop.turnStart().advanced(by: min(timeout, configuration.maximumDeadline))
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: - Answers

extension RequestPipeline {
    /// Puts a message from upstream into JSON; the reason if that is impossible.
    func transcode(_ message: UnsafeRawBufferPointer, of route: Route, into body: inout ByteBuffer) -> RequestFailure? {
        do {
            try responses.transcode(message, type: route.output, responseBody: route.responseBody, into: &body)
            return nil
        } catch {
            return .unreadableAnswer(error.message)
        }
    }

    /// Sends a successful answer.
    func send(_ body: consuming ByteBuffer, to exchange: Exchange, through writer: consuming ResponseWriter) {
        writer.send(status: HTTPStatus.ok.rawValue, body: body) { headers in
            headers.add("Content-Type", "application/json")
            addCommonHeaders(headers, exchange)
        }
    }

    /// Sends an error in the shape that the client asked for.
    func send(_ failure: RequestFailure, to exchange: Exchange, through writer: consuming ResponseWriter) {
        let isProblem = exchange.header("accept").map(MediaType.acceptsProblem) ?? false
        let document = ErrorDocument(failure, &responses)
        let body = isProblem ? document.problem() : document.json()
        writer.send(status: failure.status.rawValue, body: body) { headers in
            if isProblem {
                headers.add("Content-Type", "application/problem+json")
            } else {
                headers.add("Content-Type", "application/json")
            }
            if let allow = failure.allow { headers.add("Allow", text: allow) }
            if let seconds = document.retryAfter { headers.add("Retry-After", text: String(seconds)) }
            if failure.status == .unauthorized { headers.add("WWW-Authenticate", "Bearer") }
            addCommonHeaders(headers, exchange)
        }
    }

    private func addCommonHeaders(_ headers: borrowing ResponseHeaders, _ exchange: Exchange) {
        headers.add("X-Content-Type-Options", "nosniff")
        if endsConnections { headers.add("Connection", "close") }
        if let given = exchange.header("x-request-id"), RequestIDGenerator.isAcceptable(given) {
            headers.add("X-Request-Id", text: text(given))
        } else {
            requestIDs.withNext { headers.add("X-Request-Id", cString: $0) }
        }
    }
}
