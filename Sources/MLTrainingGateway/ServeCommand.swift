import ArgumentParser
import EventLoop
import GRPCChannel
import Gateway
import Glibc

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves until SIGINT or SIGTERM.",
        discussion: """
            Requests are matched against HTTP rules, those of the descriptor set (google.api.http) and those of \
            --http-rules, transcoded to protobuf and forwarded to the upstream over HTTP/2.
            """
    )

    @Option(help: ArgumentHelp("Where to listen: HOST:PORT or unix:PATH.", valueName: "address"))
    var listen = "127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "Where /healthz and /readyz are answered, for those who run the gateway; off for nowhere.",
            valueName: "address"
        )
    )
    var adminListen = "127.0.0.1:9901"

    @Option(
        help: ArgumentHelp(
            """
            A gRPC server: http://HOST:PORT, https://HOST[:PORT] or unix:PATH. Given several times, and over all addresses of \
            a name, calls take turns. (default: http://127.0.0.1:50051)
            """,
            valueName: "target"
        )
    )
    var upstream: [String] = []

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

    @OptionGroup(title: "Web pages of other origins") var cors: CORSOptions

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

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be from 1 to 1024")
        }
        for (name, bytes) in [("--max-body-bytes", maxBodyBytes), ("--max-response-bytes", maxResponseBytes)]
        where !(1...(1 << 31)).contains(bytes) {
            throw ValidationError("\(name) must be from 1 to 2147483648")
        }
        for (name, seconds) in [("--deadline", deadline), ("--max-deadline", maxDeadline)]
        where !(seconds >= 0.001 && seconds <= 86_400) {
            throw ValidationError("\(name) must be from 0.001 to 86400")
        }
        guard deadline <= maxDeadline else { throw ValidationError("--deadline must not be above --max-deadline") }
        guard sseKeepalive >= 0.1, sseKeepalive <= 86_400 else {
            throw ValidationError("--sse-keepalive must be from 0.1 to 86400")
        }
        guard shutdownGrace >= 0, shutdownGrace <= 86_400 else {
            throw ValidationError("--shutdown-grace must be from 0 to 86400")
        }
        if let keepaliveTime, !(keepaliveTime >= 10 && keepaliveTime <= 86_400) {
            throw ValidationError("--keepalive-time must be from 10 to 86400")
        }
        let (listen, upstreams) = try addresses()
        try security.validate(for: upstreams)
        try signIn.validate(listen: listen)
        _ = try adminAddress()
        _ = try exposedMetadata()
    }

    func run() throws {
        let (listen, targets) = try addresses()
        var configuration = GatewayConfiguration(listen: listen, upstreams: targets)
        configuration.adminListen = try adminAddress()
        configuration.upstreamAuthority = security.upstreamAuthority
        configuration.upstreamTLS = try security.credentials(for: targets)
        configuration.keepaliveTime = keepaliveTime.map { UInt64($0 * 1e9) }
        configuration.upstreamHealthCheck = upstreamHealthCheck
        configuration.viamAuth = try signIn.load()
        configuration.warn = StandardStreams.warn
        configuration.ambientCredential = signIn.ambientCredential(listen: listen)
        if let warning = signIn.warning(for: targets) { configuration.warn(warning) }
        configuration.workers = workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        configuration.json = json.settings
        configuration.maximumRequestBytes = maxBodyBytes
        configuration.maximumResponseBytes = maxResponseBytes
        configuration.exposedMetadata = try exposedMetadata()
        configuration.compressesAnswers = !compression.noCompression
        configuration.cors = try cors.policy(configuration.exposedMetadata)
        configuration.deadline = UInt64(deadline * 1e9)
        configuration.maximumDeadline = UInt64(maxDeadline * 1e9)
        configuration.eventKeepAlive = UInt64(sseKeepalive * 1e3)
        configuration.shutdownGrace = UInt64(shutdownGrace * 1e3)

        let gateway = try Gateway(api: api.load(), configuration: configuration)
        try gateway.run {
            if let address = gateway.adminAddress { print("mltraining-gateway admin listening on \(address)") }
            // Tests and scripts wait for this line.
            print("mltraining-gateway listening on \(gateway.address)")
            fflush(nil)
        }
    }

    private func exposedMetadata() throws -> ExposedMetadata {
        let names = exposeMetadata.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        do {
            // After a comma there may be white space.
            return try ExposedMetadata(names: names.map { String($0.drop { $0 == " " }) })
        } catch {
            throw ValidationError("--expose-metadata: \(error)")
        }
    }

    private func adminAddress() throws -> SocketAddress? {
        guard adminListen != "off" else { return nil }
        do {
            return try SocketAddress(parsing: adminListen)
        } catch {
            throw ValidationError("--admin-listen: \(error)")
        }
    }

    private func addresses() throws -> (listen: SocketAddress, upstreams: [ChannelTarget]) {
        do {
            let texts = upstream.isEmpty ? ["http://127.0.0.1:50051"] : upstream
            return (try SocketAddress(parsing: listen), try texts.map { try ChannelTarget($0) })
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
