package import EventLoop
package import GRPCChannel
package import HTTPServer
package import Logging
package import Transcoding

/// All that a gateway is told at its start.
package struct GatewayConfiguration: Sendable {
    /// Where to listen; port 0 lets the kernel choose.
    package var listen: SocketAddress
    /// The socket that the process was started with and whose address ``listen`` is; nil to make one.
    package var listenSocket: PassedSocket?
    /// Mode and owner of the file, where ``listen`` is a unix-domain socket to be made.
    package var listenAccess = SocketFileAccess()
    /// With these, HTTPS is spoken on ``listen``, and nothing else.
    package var tls: ServerCredentials?
    /// Where to listen for those who run the gateway, see ``AdminServer``; nil for nowhere.
    package var adminListen: SocketAddress?
    /// As ``listenSocket``, for ``adminListen``.
    package var adminListenSocket: PassedSocket?
    /// Who is told that the gateway serves, stops and is alive.
    package var serviceManager: ServiceManager?
    /// The gRPC servers that calls are forwarded to, in turn.
    package var upstreams: [ChannelTarget]
    /// What calls name as their `:authority` and, with TLS, whom the server must prove to be; the target's host where nil.
    package var upstreamAuthority: String?
    /// Shared by all workers; an `https` upstream needs it.
    package var upstreamTLS: TLSCredentials?
    /// Silence of an upstream with calls after which it is asked for a sign of life, in nanoseconds; nil for never.
    package var keepaliveTime: UInt64?
    /// The service whose health upstreams are asked for (grpc.health.v1), "" for the server as a whole; nil asks nothing.
    package var upstreamHealthCheck: String?
    /// Threads, each with its own loop, listener and upstream connections.
    package var workers = 1
    /// How calls are signed in.
    package var viamAuth = ViamAuth.passthrough
    /// What web pages of others might make use of.
    package var ambientCredential = AmbientCredential.none
    /// Most access tokens that are kept, for as many callers: by each worker, and by all of them together.
    package var tokenCacheSize = 1000
    /// Gets what the operator should know.
    package var logger = Logger(label: "mltraining-gateway") { _ in SwiftLogNoOpLogHandler() }
    /// What is to happen on SIGUSR1; nothing where nil.
    package var onUserSignal: (@Sendable () -> Void)?
    /// Nil for no access log.
    package var accessLog: AccessLogConfiguration?
    /// What ``AdminServer`` shows of the configuration: JSON without secrets.
    package var listing = "{}"
    /// How JSON is read and printed.
    package var json = JSON()
    /// Largest request body, in bytes.
    package var maximumRequestBytes = 4 << 20
    /// Largest message from upstream, in bytes.
    package var maximumResponseBytes = 32 << 20
    /// How many times as large the JSON of a message may be as ``maximumResponseBytes``.
    static let jsonExpansion = 8
    /// Metadata of answers that clients get as headers.
    package var exposedMetadata = ExposedMetadata()
    /// Answers of some size go out as gzip to clients that take it.
    package var compressesAnswers = true
    /// Which web pages of other origins may use the gateway.
    package var cors = CORSPolicy()
    /// How much of the gateway clients may take.
    package var limits = ServiceLimits()
    /// Whose word about their own clients counts.
    package var trustedProxies = TrustedProxies()
    /// What all paths begin with.
    package var basePath = BasePath()
    /// Documents that are answered where the API has no route.
    package var pages: [StaticPage] = []
    /// Time for a call whose client names none, in nanoseconds.
    package var deadline: UInt64 = 15_000_000_000
    /// Most that a client's `Grpc-Timeout` may ask for, in nanoseconds.
    package var maximumDeadline: UInt64 = 300_000_000_000
    /// Time between two signs of life in a stream of Server-Sent Events, in milliseconds.
    package var eventKeepAlive: UInt64 = 15_000
    /// Time for requests in flight to finish after a stop was asked for, in milliseconds.
    package var shutdownGrace: UInt64 = 25_000
    /// Time from when readiness says so to when the stop begins, in milliseconds.
    package var shutdownDelay: UInt64 = 0

    package init(listen: SocketAddress, upstreams: [ChannelTarget]) {
        self.listen = listen
        self.upstreams = upstreams
    }

    /// How JSON is read and printed.
    package struct JSON: Hashable, Sendable {
        /// What answers look like.
        package var printing = JSONOptions()
        /// Spaces that each level of an answer is indented by, 0 for one line without white space.
        package var indentation = 0
        /// Passes over fields of request bodies that the schema does not have; query parameters are not let off.
        package var ignoresUnknownFields = false

        package init() {}
    }
}

extension GatewayConfiguration {
    var channel: GRPCChannel.Configuration {
        var channel = GRPCChannel.Configuration(targets: upstreams)
        channel.authority = upstreamAuthority
        channel.tls = upstreamTLS
        channel.keepaliveTime = keepaliveTime
        channel.healthCheckService = upstreamHealthCheck
        channel.maxResponseBytes = maximumResponseBytes
        return channel
    }

    var server: HTTPServer.Configuration {
        var server = HTTPServer.Configuration()
        server.maximumBodySize = maximumRequestBytes
        server.tls = tls
        limits.apply(to: &server)
        return server
    }
}
