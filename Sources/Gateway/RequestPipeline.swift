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
    let configuration: GatewayConfiguration
    private let channel: GRPCChannel
    let loop: EventLoop
    /// In the order of the route table.
    private let routes: [ServedRoute]
    private var requests: RequestTranscoder
    var responses: ResponseTranscoder
    /// Nil where answers are one line.
    let indenter: JSONIndenter?
    private var requestIDs = RequestIDGenerator()
    private var metadata = RequestMetadata()
    /// Metadata of answers that clients get as headers.
    var exposedMetadata: ExposedMetadata { configuration.exposedMetadata }
    /// Milliseconds between two signs of life in a stream of events.
    var eventKeepAlive: UInt64 { configuration.eventKeepAlive }
    /// Whether each answer is the last one on its connection; set once the worker is to stop.
    var endsConnections = false

    init(api: ServedAPI, configuration: GatewayConfiguration, channel: GRPCChannel, loop: EventLoop) {
        self.api = api
        self.configuration = configuration
        self.channel = channel
        self.loop = loop
        routes = api.routes.routes.map { ServedRoute($0, schema: api.schema, channel: channel) }
        requests = RequestTranscoder(
            schema: api.schema,
            ignoresUnknownFields: configuration.json.ignoresUnknownFields
        )
        responses = ResponseTranscoder(
            schema: api.schema,
            options: configuration.json.printing,
            maximumOutputCount: configuration.maximumResponseBytes * GatewayConfiguration.jsonExpansion
        )
        let indentation = configuration.json.indentation
        indenter = indentation > 0 ? JSONIndenter(spaces: indentation) : nil
    }

    /// Takes a complete request and sees to its answer.
    func handle(_ exchange: Exchange, _ writer: consuming ResponseWriter) {
        do throws(RequestFailure) {
            let transaction = try makeTransaction(exchange)
            transaction.writer = .some(consume writer)
            transaction.watchForHangUp()
            channel.start(transaction)
        } catch {
            send(error, of: nil, to: exchange, through: writer)
        }
    }

    private func makeTransaction(_ exchange: Exchange) throws(RequestFailure) -> Transaction {
        try checkHeader(exchange)
        let target = RequestTarget(exchange.target)
        var captures = PathCaptures()
        let index = try route(exchange, target.path, &captures)
        guard !exchange.bodyIsTooLarge else { throw .contentTooLarge(limit: configuration.maximumRequestBytes) }

        let route = routes[index]
        if !route.takesHTTPBody { try checkContentType(exchange) }
        var message = ByteBuffer(capacity: 256)
        MessageFraming.reservePrefix(&message)
        do throws(TranscodingError) {
            try transcode(exchange, target, captures, of: route, into: &message)
        } catch {
            throw .invalidRequest(error.message, error.violations)
        }
        let requestID = requestID(exchange)
        let metadata = try metadata.make(of: exchange, requestID: requestID)
        let deadline = try deadline(exchange, of: route)
        let kind: Transaction.Type =
            route.route.isServerStreaming ? StreamingTransaction.self : UnaryTransaction.self
        return kind.init(
            exchange: exchange,
            route: route,
            pipeline: self,
            requestID: requestID,
            message: message,
            metadata: metadata,
            deadline: deadline
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
        _ exchange: Exchange,
        _ target: RequestTarget,
        _ captures: PathCaptures,
        of served: ServedRoute,
        into message: inout ByteBuffer
    ) throws(TranscodingError) {
        let route = served.route
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
        if served.takesHTTPBody {
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            try requests.transcode(
                httpBody: exchange.body,
                contentType: exchange.header("content-type") ?? none,
                binding: route.body,
                into: &message
            )
        } else {
            try requests.transcode(body: exchange.body, binding: route.body, into: &message)
        }
    }

    private func checkContentType(_ exchange: Exchange) throws(RequestFailure) {
        guard !exchange.body.isEmpty, let type = exchange.header("content-type"), !MediaType.isJSON(type) else {
            return
        }
        throw .unsupportedMediaType(text(type))
    }

    /// The client's own id, if it has one that can be passed on.
    func requestID(_ exchange: Exchange) -> String {
        guard let given = exchange.header("x-request-id"), RequestIDGenerator.isAcceptable(given) else {
            return requestIDs.next()
        }
        return text(given)
    }

    /// What a call that did not end well is to its client.
    func failure(of call: ClientCall, _ outcome: CallOutcome) -> RequestFailure {
        RequestFailure(outcome, of: call.method.descriptor, isConnected: channel.state == .ready)
    }

    private func deadline(_ exchange: Exchange, of route: ServedRoute) throws(RequestFailure) -> Deadline {
        guard let header = exchange.header("grpc-timeout") else {
            // A stream is meant to last; its end comes all the same, so that none is forgotten.
            let isStream = route.route.isServerStreaming
            return loop.turnStart().advanced(by: isStream ? configuration.maximumDeadline : configuration.deadline)
        }
        guard let timeout = GRPCTimeout.parse(header) else {
            throw .invalidRequest(
                "Grpc-Timeout must be 1 to 8 digits and a unit (H, M, S, m, u or n), such as 10S",
                []
            )
        }
        return loop.turnStart().advanced(by: min(timeout, configuration.maximumDeadline))
    }

    func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
