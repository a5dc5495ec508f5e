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
    let api: ServedAPI
    let configuration: GatewayConfiguration
    private let channel: GRPCChannel
    let observer: RequestObserver
    /// Nil where each client's own token goes along.
    private let signIn: SignIn?
    /// What a 401 without one of its own asks clients for.
    let challenge: StaticString
    let loop: EventLoop
    /// In the order of the route table.
    private let routes: [ServedRoute]
    /// What is answered where no route matches.
    let pages: [StaticPage]
    /// What metrics call them.
    let pageLabels: [Int]
    private var requests: RequestTranscoder
    var responses: ResponseTranscoder
    /// Nil where answers are one line.
    let indenter: JSONIndenter?
    private var requestIDs = RequestIDGenerator()
    private var metadata: RequestMetadata
    /// Metadata of answers that clients get as headers.
    var exposedMetadata: ExposedMetadata { configuration.exposedMetadata }
    let coder = ContentCoder()
    let compressesAnswers: Bool
    let varyTexts = VaryTexts()
    /// Which web pages may use the gateway.
    let cors: CORSPolicy
    /// Requests that this worker has in hand, and may have.
    let load: RequestLoad
    let maximumLoad: Int
    let shared: SharedLimits
    let trustedProxies: TrustedProxies
    let basePath: BasePath
    /// Kept for its memory.
    var headerFields: [RequestField] = []
    /// Milliseconds between two signs of life in a stream of events.
    var eventKeepAlive: UInt64 { configuration.eventKeepAlive }
    /// Whether each answer is the last one on its connection; set once the worker is to stop.
    var endsConnections = false

    init(
        api: ServedAPI,
        configuration: GatewayConfiguration,
        channel: GRPCChannel,
        signIn: SignIn?,
        context: LaneContext
    ) {
        observer = context.observer
        self.api = api
        self.signIn = signIn
        challenge = configuration.viamAuth.challenge
        metadata = RequestMetadata(auth: configuration.viamAuth)
        self.configuration = configuration
        cors = configuration.cors
        load = context.load
        maximumLoad = configuration.limits.requestsInFlight(ofEach: configuration.workers)
        shared = context.limits
        trustedProxies = configuration.trustedProxies
        basePath = configuration.basePath
        compressesAnswers = configuration.compressesAnswers
        self.channel = channel
        loop = context.loop
        routes = zip(api.routes.routes, api.locations).map { route, location in
            ServedRoute(
                route,
                location: location,
                schema: api.schema,
                channel: channel,
                metrics: context.observer.metrics
            )
        }
        pages = configuration.pages
        pageLabels = pages.map { context.observer.metrics.route($0.path) }
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
        start(again: nil, exchange, writer)
    }

    /// Starts a request's call, or lets it wait for the token that its call needs.
    ///
    /// `attempt` is nil for a request that has just come.
    func start(again attempt: RequestAttempt?, _ exchange: Exchange, _ writer: consuming ResponseWriter) {
        do throws(RequestFailure) {
            switch try admit(exchange, attempt) {
            case .call(let transaction):
                transaction.writer = .some(consume writer)
                transaction.watchForHangUp()
                exchange.record.enter(.upstream, at: exchange.now)
                channel.start(transaction)
                noteStart(of: transaction)
            case .wait(let request):
                exchange.record.enter(.signIn, at: exchange.now)
                request.wait(writer)
            case .options(let answer):
                send(answer, to: exchange, through: writer)
            case .page(let index):
                send(pages[index], to: exchange, through: writer)
            }
        } catch {
            send(error, requestID: attempt?.requestID, to: exchange, through: writer)
        }
    }

    /// Whether requests wait for a token.
    var hasWaitingRequests: Bool { signIn?.hasWaitingRequests ?? false }

    /// Answers the requests that wait for a token.
    ///
    /// To be called after the channel was closed; idempotent.
    func close() {
        signIn?.close()
    }

    /// Requests that wait for a token.
    var waitingForSignIn: Int { signIn?.waitingCount ?? 0 }

    /// What a request that is in order has come to.
    private enum Admission {
        case call(Transaction)
        /// There is no token for its call yet.
        case wait(WaitingRequest)
        /// It is not for upstream.
        case options(OptionsAnswer)
        case page(Int)
    }

    private func admit(_ exchange: Exchange, _ attempt: RequestAttempt?) throws(RequestFailure) -> Admission {
        try checkHeader(exchange)
        let origin = client(of: exchange)
        if attempt == nil {
            try checkLoad()
            try checkRate(of: origin, exchange)
        }
        var captures = PathCaptures()
        let (route, target): (ServedRoute, RequestTarget)
        switch try destination(of: exchange, &captures) {
        case .route(let served, let rest): (route, target) = (served, rest)
        case .options(let answer): return .options(answer)
        case .page(let index): return .page(index)
        }
        // Cannot be, as ``refuses(_:)`` has come to the same; a call without its body would be another call.
        guard !exchange.bodyIsUnwanted else { throw .invalidRequest("the body was not read", []) }
        let isGzip = try isGzip(exchange)
        let requestID = attempt?.requestID ?? requestID(exchange)
        if observer.isLogging { exchange.record.requestID = requestID }
        var callMetadata = try metadata.make(of: exchange, requestID: requestID, origin: origin)
        defer { signIn?.forgetKey() }
        // Before the body is looked at: a stranger is not worth it.
        try configuration.ambientCredential.check(
            exchange,
            metadata.credentials,
            host: origin.host,
            friends: configuration.cors
        )
        let caller = try signIn?.identify(metadata.credentials)
        try checkConditions(exchange, route)
        let deadline = try deadline(exchange, attempt, of: route)
        var usage: SignIn.Usage?
        if let signIn, let caller {
            guard let token = try signIn.token(for: caller, attempt, size: exchange.body.count) else {
                let next = RequestAttempt(requestID: requestID, deadline: deadline, refused: attempt?.refused)
                next.isRetry = attempt?.isRetry ?? false
                let request = WaitingRequest(exchange, next, pipeline: self)
                signIn.wait(request, for: caller)
                return .wait(request)
            }
            callMetadata.append("authorization", token.authorization)
            usage = signIn.usage(of: token, by: caller, attempt)
        }
        // Made once, when it can be sent.
        var message = ByteBuffer(capacity: 256)
        MessageFraming.reservePrefix(&message)
        let inflated =
            isGzip ? try coder.inflate(exchange.body, limit: configuration.maximumRequestBytes) : ByteBuffer()
        do throws(TranscodingError) {
            let body = isGzip ? inflated.bytes : exchange.body
            try transcode(exchange, body, target, captures, of: route, into: &message)
        } catch {
            throw .invalidRequest(error.message, error.violations)
        }
        let kind: Transaction.Type =
            route.route.isServerStreaming ? StreamingTransaction.self : UnaryTransaction.self
        let transaction = kind.init(
            exchange: exchange,
            route: route,
            pipeline: self,
            requestID: requestID,
            message: message,
            metadata: callMetadata,
            deadline: deadline
        )
        if let usage { transaction.usage = usage }
        return .call(transaction)
    }

    /// Where a request leads to.
    private enum Destination {
        case route(ServedRoute, RequestTarget)
        case options(OptionsAnswer)
        /// The place in ``pages``.
        case page(Int)
    }

    /// Finds out what a request is for, and refuses what its header alone tells to be in vain.
    private func destination(
        of exchange: Exchange,
        _ captures: inout PathCaptures
    ) throws(RequestFailure) -> Destination {
        let isOptions = isOptions(exchange.method)
        var target = RequestTarget(exchange.target, isOptions: isOptions)
        if !basePath.isEmpty, !target.remove(basePath) {
            throw .outside(basePath, method: text(exchange.method), path: text(target.path))
        }
        if isOptions, let answer = try options(exchange, target.path) { return .options(answer) }
        guard let index = try route(exchange, target.path, &captures) else {
            return .page(try page(exchange, target.path))
        }
        let route = routes[index]
        exchange.record.route = route.label
        exchange.record.method = route.methodLabel
        guard !exchange.bodyIsTooLarge else { throw .contentTooLarge(limit: configuration.maximumRequestBytes) }
        if !route.takesHTTPBody { try checkContentType(exchange) }
        _ = try isGzip(exchange)
        try checkAccept(exchange, route)
        return .route(route, target)
    }

    /// Whether a request whose header alone has come is refused for that, see ``HTTPServer/refusesUnread``.
    func refuses(_ exchange: Exchange) -> Bool {
        var captures = PathCaptures()
        do throws(RequestFailure) {
            try checkHeader(exchange)
            _ = try destination(of: exchange, &captures)
            return false
        } catch {
            return true
        }
    }

    /// The place in ``routes`` of the one that takes a request; nil where the API does not know the path.
    private func route(
        _ exchange: Exchange,
        _ path: UnsafeRawBufferPointer,
        _ captures: inout PathCaptures
    ) throws(RequestFailure) -> Int? {
        switch api.routes.match(method: exchange.method, path: path, captures: &captures) {
        case .match(let route, _):
            return route
        case .notFound:
            return nil
        case .methodNotAllowed(let methods):
            throw .methodNotAllowed(
                method: text(exchange.method),
                path: text(path),
                allow: api.allow.value(methods)
            )
        case .badRequest(let fault):
            throw .invalidRequest("the path is malformed: \(fault)", [])
        }
    }

    func isOptions(_ method: UnsafeRawBufferPointer) -> Bool {
        method.equals("OPTIONS")
    }

    /// Puts path, query and body together into the request message.
    private func transcode(
        _ exchange: Exchange,
        _ body: UnsafeRawBufferPointer,
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
                httpBody: body,
                contentType: exchange.header("content-type") ?? none,
                binding: route.body,
                into: &message
            )
        } else {
            try requests.transcode(body: body, binding: route.body, into: &message)
        }
    }

    private func checkContentType(_ exchange: Exchange) throws(RequestFailure) {
        guard exchange.hasContent, let type = exchange.header("content-type"), !type.isEmpty,
            !MediaType.isJSON(type)
        else { return }
        throw .unsupportedMediaType(text(type))
    }

    /// Refuses what could only be answered by something that the client does not want (RFC 9110, section 12.5.1).
    ///
    /// Before the call is made, since afterwards there would be no use in it. Of raw bytes upstream alone knows the type.
    private func checkAccept(_ exchange: Exchange, _ served: ServedRoute) throws(RequestFailure) {
        guard !served.answersHTTPBody, let value = exchange.list("accept"), !value.equals("*/*")
        else { return }
        let accept = AcceptHeader(value)
        if served.route.isServerStreaming {
            guard !StreamFormat.isAcceptable(accept) else { return }
            throw .notAcceptable(text(value), offered: StreamFormat.offered)
        }
        guard !accept.takesJSON else { return }
        throw .notAcceptable(text(value), offered: "application/json")
    }

    /// The client's own id, if it has one that can be passed on.
    func requestID(_ exchange: Exchange) -> String {
        requestIDs.next(for: exchange)
    }

    func newRequestID() -> String { requestIDs.next() }

    /// What a call that did not end well is to its client.
    func failure(of call: Transaction, _ outcome: CallOutcome) -> RequestFailure {
        var failure = RequestFailure(outcome, of: call.method.descriptor)
        guard let usage = call.usage else {
            failure.challenge = configuration.viamAuth.refusalChallenge
            return failure
        }
        // The client's own credential is not what upstream has refused, nor is its word on that for the client.
        if SignIn.Usage.isRefusal(outcome) {
            return RequestFailure(.tokenRefused, isOwnKey: configuration.viamAuth.usesOwnKey)
        }
        return usage.redacted(failure)
    }

    /// Has no call made any more with a token that upstream has refused.
    func drop(_ usage: SignIn.Usage) {
        signIn?.drop(usage)
    }

    private func deadline(
        _ exchange: Exchange,
        _ attempt: RequestAttempt?,
        of route: ServedRoute
    ) throws(RequestFailure) -> Deadline {
        if let deadline = attempt?.deadline { return deadline }
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
