import ArgumentParser
import Bytes
import EventLoop
import GRPCChannel
import Glibc
import RPCCore

/// Measures what a unary call costs the client's process, in CPU time, against a server that runs elsewhere.
@main
struct ChannelBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel-benchmark",
        abstract: "Makes unary calls over one connection and says what each cost in CPU time."
    )

    @Option(help: "The server, as --upstream takes it.")
    var upstream: String

    @Option(help: "PEM file of the authorities that an https:// server's certificate must come from.")
    var upstreamCa: String?

    @Option(help: "The gRPC path, /SERVICE/METHOD.")
    var path: String

    @Option(help: "Calls to measure, after a tenth as many that warm up.")
    var calls = 400_000

    @Option(help: "Calls in flight at once.")
    var inFlight = 64

    @Option(help: "Bytes of a request's message.")
    var requestBytes = 38

    @Option(help: "Seconds until a call's deadline; 0 for none.")
    var deadline = 15

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let load = try Load(self)
        load.run(calls / 10)
        let before = Usage.now()
        load.run(calls)
        let used = Usage.now() - before
        load.close()
        let count = Double(calls)
        print(
            "calls \(calls)  in flight \(inFlight)  failed \(load.failed)",
            "user \(used.user / count)  system \(used.system / count)  total \((used.user + used.system) / count) CPU-µs/call",
            "wall \(count / used.wall * 1e6) calls/s",
            separator: "\n"
        )
    }
}

/// Microseconds that this process has used.
struct Usage {
    let user: Double
    let system: Double
    let wall: Double

    static func now() -> Usage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Usage(
            user: Double(usage.ru_utime.tv_sec) * 1e6 + Double(usage.ru_utime.tv_usec),
            system: Double(usage.ru_stime.tv_sec) * 1e6 + Double(usage.ru_stime.tv_usec),
            wall: Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
        )
    }

    static func - (later: Usage, earlier: Usage) -> Usage {
        Usage(user: later.user - earlier.user, system: later.system - earlier.system, wall: later.wall - earlier.wall)
    }
}

/// Keeps a number of calls in flight: each that ends starts the next.
final class Load {
    let loop: EventLoop
    let channel: GRPCChannel
    let method: PreparedMethod
    private let inFlight: Int
    private let requestBytes: Int
    /// Nanoseconds a call may take, 0 for any time.
    private let timeout: UInt64
    private let hook: TurnHook
    private var remaining = 0
    private var running = 0
    private(set) var failed = 0

    init(_ options: ChannelBenchmark) throws {
        let parts = options.path.split(separator: "/").map(String.init)
        guard parts.count == 2 else { throw ValidationError("\(options.path) is not /SERVICE/METHOD") }
        inFlight = options.inFlight
        requestBytes = options.requestBytes
        timeout = UInt64(max(0, options.deadline)) * 1_000_000_000
        loop = try EventLoop()
        let target = try ChannelTarget(options.upstream)
        var configuration = GRPCChannel.Configuration(target: target)
        if target.usesTLS { configuration.tls = try TLSCredentials(.init(authorities: options.upstreamCa)) }
        let channel = GRPCChannel(loop: loop, configuration: configuration)
        self.channel = channel
        method = channel.prepare(MethodDescriptor(service: parts[0], method: parts[1]))
        hook = TurnHook(on: loop) { _ in channel.flush() }
    }

    func run(_ calls: Int) {
        remaining = calls
        while running < inFlight, remaining > 0 { startNext() }
        loop.run()
    }

    func close() {
        channel.close()
        hook.close()
        loop.close()
    }

    private func startNext() {
        remaining -= 1
        running += 1
        var message = ByteBuffer(capacity: MessageFraming.prefixLength + requestBytes)
        MessageFraming.reservePrefix(&message)
        message.appendUnsafe(requestBytes) { bytes in
            bytes.update(repeating: 0x20, count: requestBytes)
            return requestBytes
        }
        let deadline = timeout == 0 ? Deadline.never : loop.turnStart().advanced(by: timeout)
        channel.start(LoadCall(load: self, message: message, deadline: deadline))
    }

    func ended(_ call: LoadCall) {
        running -= 1
        if call.outcome?.status.isOK != true || call.received == 0 { failed += 1 }
        if remaining > 0 { startNext() } else if running == 0 { loop.stop() }
    }
}

final class LoadCall: ClientCall {
    private let load: Load
    private(set) var received = 0

    init(load: Load, message: consuming ByteBuffer, deadline: Deadline) {
        self.load = load
        super.init(method: load.method, message: message, deadline: deadline)
    }

    override func didReceive(message: UnsafeRawBufferPointer) {
        received += message.count
    }

    override func didClose() {
        load.ended(self)
    }
}
