import ArgumentParser

/// The options of `serve`, which `check` looks at.
struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A YAML or JSON file of options.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Where to listen: HOST:PORT, unix:PATH, or systemd[:NAME] for a socket that the process was started with.",
            valueName: "address"
        )
    )
    var listen = "127.0.0.1:8080"

    @OptionGroup var listener: ListenerOptions

    @Option(
        help: ArgumentHelp(
            """
            Where /healthz, /readyz, /metrics and /config are answered, for those who run the gateway; as --listen, or off for \
            nowhere.
            """,
            valueName: "address"
        )
    )
    var adminListen = "127.0.0.1:9901"

    @Option(
        help: ArgumentHelp(
            """
            A gRPC server: http://HOST:PORT, https://HOST[:PORT] or unix:PATH. Given several times, and over all addresses of \
            a name, calls take turns.
            """,
            valueName: "target"
        )
    )
    var upstream = ["http://127.0.0.1:50051"]

    @Option(
        help: ArgumentHelp(
            "Seconds that an upstream may be silent while calls wait for it before it is asked for a sign of life.",
            valueName: "seconds"
        )
    )
    var keepaliveTime: Double?

    @Option(
        help: ArgumentHelp(
            """
            Ask upstreams for the health of this service (grpc.health.v1), "" for that of the whole server, and make calls only \
            to those that say SERVING or have no health service.
            """,
            valueName: "service"
        )
    )
    var upstreamHealthCheck: String?

    @OptionGroup(title: "Upstream security") var security: UpstreamSecurityOptions

    @OptionGroup(title: "Signing in to Viam") var signIn: SignInOptions

    @Option(help: ArgumentHelp("Worker threads. (default: the number of cores)", valueName: "count"))
    var workers: Int?

    @OptionGroup var api: APIOptions

    @OptionGroup var json: JSONOptionGroup

    @OptionGroup var compression: CompressionOptions

    @OptionGroup var documentation: DocumentationOptions

    @OptionGroup var publicURL: PublicURLOptions

    @OptionGroup(title: "Web pages of other origins") var cors: CORSOptions

    @OptionGroup(title: "Behind a reverse proxy") var proxy: ProxyOptions

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Watching it") var observability: ObservabilityOptions

    @Option(help: ArgumentHelp("Largest request body, in bytes.", valueName: "bytes"))
    var maxBodyBytes = 4 << 20

    @Option(help: ArgumentHelp("Largest message from upstream, in bytes.", valueName: "bytes"))
    var maxResponseBytes = 32 << 20

    @Option(help: ArgumentHelp("Seconds for a call whose client sends no Grpc-Timeout.", valueName: "seconds"))
    var deadline = 15.0

    @Option(
        help: ArgumentHelp(
            "Most seconds that a Grpc-Timeout may ask for; also what a stream gets whose client sends none.",
            valueName: "seconds"
        )
    )
    var maxDeadline = 300.0

    @Option(
        help: ArgumentHelp(
            "Metadata of upstream's answers that clients get as headers of the same name, -bin in base64; repeatable.",
            valueName: "name[,name]"
        )
    )
    var exposeMetadata: [String] = []

    @Option(
        help: ArgumentHelp(
            "Seconds of silence after which a stream of Server-Sent Events gets a comment.",
            valueName: "seconds"
        )
    )
    var sseKeepalive = 15.0

    @Option(help: ArgumentHelp("Seconds for requests in flight to finish on a stop.", valueName: "seconds"))
    var shutdownGrace = 25.0

    @Option(
        help: ArgumentHelp(
            "Seconds on a stop for which everything goes on but that /readyz answers 503, so that others hear of it.",
            valueName: "seconds"
        )
    )
    var shutdownDelay = 0.0

    /// What a reload cannot change, by name: sockets and threads, and what libmicrohttpd is told once.
    static let fixedSettings = [
        "listen", "listen-mode", "listen-owner", "admin-listen", "workers", "max-header-bytes", "idle-timeout",
        "access-log", "access-log-file",
    ]

    /// Those of which a reload can change the value, but not whether there is one: a listener with TLS keeps to it.
    static let fixedPresence = ["tls-cert", "tls-key"]
}
